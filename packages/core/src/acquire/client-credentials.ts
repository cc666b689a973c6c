import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { ClientCredential } from "../options/agent-auth-options.js";
import type { WireCredential } from "./token-endpoint.js";

/** The configured credentials of the blueprint or app, tried in order until one loads. */
export class ClientCredentials {
  readonly #credentials: readonly ClientCredential[];

  constructor(credentials: readonly ClientCredential[]) {
    this.#credentials = credentials;
  }

  /** Kind of the credential that is tried first, for `explain()`. */
  get kind(): string {
    return this.#credentials[0]?.sourceType ?? "none";
  }

  /** @throws AgentAuthError `credential_missing`, with the reason for each that failed */
  async load(): Promise<WireCredential> {
    const failures: string[] = [];
    const causes: unknown[] = [];
    for (const [index, credential] of this.#credentials.entries()) {
      try {
        return await loadOne(credential);
      } catch (error) {
        causes.push(error);
        failures.push(
          `clientCredentials.${index} (${credential.sourceType}): ${error instanceof Error ? error.message : "failed"}`,
        );
      }
    }
    const detail =
      failures.length === 0
        ? "No client credential is configured. Set clientCredentials, for instance a managed identity or a secret."
        : `No client credential could be loaded. ${failures.join("; ")}`;
    throw new AgentAuthError("credential_missing", { detail, cause: causes[0] });
  }
}

async function loadOne(credential: ClientCredential): Promise<WireCredential> {
  switch (credential.sourceType) {
    case "ClientSecret":
      return { clientSecret: credential.clientSecret };
    case "SignedAssertion": {
      const clientAssertion = await credential.getAssertion();
      if (typeof clientAssertion !== "string" || clientAssertion === "") {
        throw new TypeError("getAssertion returned no assertion");
      }
      return { clientAssertion };
    }
  }
}
