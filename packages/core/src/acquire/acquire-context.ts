import type { Caller } from "../token/caller.js";

/** The inbound token, as an on-behalf-of leg needs it. */
export interface Assertion {
  readonly token: string;
  /** SHA-256 of the token: its part of the cache key. */
  readonly hash: string;
  readonly caller: Caller;
}

/** What a caller says about a run besides its plan. */
export interface AcquireOptions {
  readonly assertion: Assertion | undefined;
  /** Ask Entra for the last leg even if a token is cached, and replace that token. */
  readonly forceRefresh: boolean;
  /** A claims request (JSON) for the last leg; asks past the cache as `forceRefresh` does. */
  readonly claims: string | undefined;
  /** GUID; made up when absent. */
  readonly correlationId: string | undefined;
  /** Ends the wait of this caller, not the request that others may share. */
  readonly signal: AbortSignal | undefined;
}

/** What one leg of a run is told. */
export interface LegContext {
  readonly assertion: Assertion | undefined;
  readonly forceRefresh: boolean;
  readonly claims: string | undefined;
  readonly correlationId: string;
  /** `performance.now()` at which the whole run must be over. */
  readonly deadline: number;
}
