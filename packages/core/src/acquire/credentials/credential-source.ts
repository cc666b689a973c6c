import type { WireCredential } from "../wire/token-endpoint.js";

/** What a credential is needed for. */
export interface CredentialRequest {
  /** Client id (GUID) that authenticates. */
  readonly clientId: string;
  /** Address of the token endpoint: the audience of an assertion that the client signs itself. */
  readonly audience: string;
  /** Milliseconds that are left for it. */
  readonly budgetMs: number;
}

/** One configured credential. */
export interface CredentialSource {
  /** Its `sourceType`, as the options name it. */
  readonly kind: string;
  /** The credential, made or read anew only when the one at hand is no good any more. @throws Error saying why not */
  load(request: CredentialRequest): Promise<WireCredential>;
  /**
   * Entra refused what {@link load} gave: forgets it, when a new one may differ. Absent where it never does.
   */
  forget?(): void;
  /** When the credential itself ends, in milliseconds since the epoch. Absent where nothing tells. @throws as `load` */
  expiresAt?(): Promise<number>;
}
