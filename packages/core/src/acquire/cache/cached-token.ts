import type { Leg } from "../plan/leg.js";

/** A token as it is cached: what a caller gets, ready to be handed out. */
export interface CachedToken {
  /** `Bearer …`: the finished header, the one copy of the token that is kept. */
  readonly authorizationHeader: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Seconds since the epoch from when a new one is asked for in the background. */
  readonly refreshAt: number;
  /** The scopes that were granted. */
  readonly scopes: readonly string[];
}

/** What a cached token belongs to: the key of a leg and, for a user's, the inbound assertion. */
export interface TokenOwner {
  readonly leg: Leg;
  /** {@link legKey} of the leg. */
  readonly key: string;
  /** SHA-256 of the inbound assertion, for an on-behalf-of leg; `""` for every other. */
  readonly assertionHash: string;
  /** Object id (GUID) of the user on whose behalf the token was issued; `""` when there is none. */
  readonly userId: string;
}

const prefix = "Bearer ";

/** The finished header of a token, as one flat string: a concatenation would keep its parts alive beside it. */
export function bearerHeader(accessToken: string): string {
  return Buffer.from(prefix + accessToken, "latin1").toString("latin1");
}

/** The token of a finished header. */
export function accessTokenOf(token: Pick<CachedToken, "authorizationHeader">): string {
  return token.authorizationHeader.slice(prefix.length);
}
