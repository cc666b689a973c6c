import type { Clock } from "../../clock.js";
import type { ClientCredential } from "../../options/agent-auth-options.js";
import { clientSecretSource } from "./client-secret.js";
import type { CredentialSource } from "./credential-source.js";
import { signedAssertionSource } from "./signed-assertion.js";

/** What sources are made with. */
export interface SourceContext {
  readonly clock: Clock;
}

/** The sources of the configured credentials, in their order. */
export function createCredentialSources(
  credentials: readonly ClientCredential[],
  context: SourceContext,
): CredentialSource[] {
  return credentials.map((credential) => createSource(credential, context));
}

function createSource(credential: ClientCredential, { clock }: SourceContext): CredentialSource {
  switch (credential.sourceType) {
    case "ClientSecret":
      return clientSecretSource(credential);
    case "SignedAssertion":
      return signedAssertionSource(credential, clock);
  }
}
