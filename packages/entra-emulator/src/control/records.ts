import type { JWTPayload } from "jose";

/** One request to the token endpoint, as it came. */
export interface RecordedTokenRequest {
  /** ISO 8601, by the emulator's clock. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  /** `grant_type`, empty when the request had none. */
  readonly grant: string;
  /** `client_id`, empty when the request had none. */
  readonly clientId: string;
  /** The form as it was sent, with secrets, assertions, codes and tokens replaced by `***`. */
  readonly params: Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly outcome: TokenRequestOutcome;
}

/** What the token endpoint answered. */
export interface TokenRequestOutcome {
  /** 0 when there was no answer. */
  readonly status: number;
  /** The kind of the fault that answered in the endpoint's place. */
  readonly fault?: string;
  /** The OAuth error, when it refused. */
  readonly error?: string;
  /** The number of the AADSTS code, when it refused. */
  readonly aadsts?: number;
  /** The claims of the access token that it issued; never the token. */
  readonly claims?: JWTPayload;
}

/** One request to a protected resource of the emulator, as it came. */
export interface RecordedResourceRequest {
  /** ISO 8601, by the emulator's clock. */
  readonly time: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  /** The claims of the token it carried, whether or not they were accepted; absent when there was no readable token. */
  readonly claims?: JWTPayload;
}
