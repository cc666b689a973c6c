import type { Clock } from "../../clock.js";
import { AgentAuthError } from "../../errors/agent-auth-error.js";
import type { WireCredential } from "../wire/token-endpoint.js";
import type { CredentialRequest, CredentialSource } from "./credential-source.js";

/** For how long a credential that did not load is passed over while another works, in milliseconds. */
const passOverMs = 60_000;

/** A credential that loaded. */
export interface LoadedCredential {
  readonly credential: WireCredential;
  /** After Entra refused it: the same source read again, or `undefined` when that gives nothing new. */
  renew(): Promise<WireCredential | undefined>;
}

/** The configured credentials of the blueprint or app, tried in order until one loads. */
export class ClientCredentials {
  readonly #sources: readonly CredentialSource[];
  readonly #clock: Clock;
  /** When a source failed last while a later one worked, in milliseconds since the epoch. */
  readonly #failedAt = new Map<CredentialSource, number>();

  constructor(sources: readonly CredentialSource[], clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  /** Kind of the credential that is tried first, for `explain()`. */
  get kind(): string {
    return this.#sources.find((source) => !this.#passedOver(source))?.kind ?? this.#sources[0]?.kind ?? "none";
  }

  /** @throws AgentAuthError `credential_missing`, with the reason for each that failed */
  async load(request: CredentialRequest): Promise<LoadedCredential> {
    const failures: string[] = [];
    const causes: unknown[] = [];
    const failed: CredentialSource[] = [];
    // Those that failed lately come last rather than never: they may be all there is.
    const inOrder = [
      ...this.#sources.filter((source) => !this.#passedOver(source)),
      ...this.#sources.filter((source) => this.#passedOver(source)),
    ];
    for (const source of inOrder) {
      try {
        const credential = await source.load(request);
        for (const other of failed) this.#failedAt.set(other, this.#clock());
        this.#failedAt.delete(source);
        return { credential, renew: () => renew(source, request, credential) };
      } catch (error) {
        failed.push(source);
        causes.push(error);
        const index = this.#sources.indexOf(source);
        failures.push(
          `clientCredentials.${index} (${source.kind}): ${error instanceof Error ? error.message : "failed"}`,
        );
      }
    }
    const detail =
      failures.length === 0
        ? "No client credential is configured. Set clientCredentials, for instance a managed identity or a secret."
        : `No client credential could be loaded. ${failures.join("; ")}`;
    throw new AgentAuthError("credential_missing", { detail, cause: causes[0] });
  }

  #passedOver(source: CredentialSource): boolean {
    const failedAt = this.#failedAt.get(source);
    return failedAt !== undefined && this.#clock() - failedAt < passOverMs;
  }
}

async function renew(
  source: CredentialSource,
  request: CredentialRequest,
  refused: WireCredential,
): Promise<WireCredential | undefined> {
  if (source.forget === undefined) return undefined;
  source.forget();
  const renewed = await source.load(request);
  return JSON.stringify(renewed) === JSON.stringify(refused) ? undefined : renewed;
}
