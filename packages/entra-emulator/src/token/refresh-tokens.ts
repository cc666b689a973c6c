import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.js";
import type { SignInStrength } from "./conditional-access.js";

/** What a refresh token stands for. */
export interface RefreshGrant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly userId: string;
  /** The scope that was asked for, for a redemption that names none. */
  readonly scope: string;
  readonly signedIn: SignInStrength;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
}

/** The refresh tokens of an emulator: opaque to clients, kept in memory. */
export interface RefreshTokens {
  issue(grant: Omit<RefreshGrant, "issuedAt">): string;
  find(token: string): RefreshGrant | undefined;
}

/** 90 days, as Entra's; in seconds. */
export const REFRESH_TOKEN_LIFETIME = 90 * 24 * 3600;
/** How many are kept; the oldest are forgotten, so that a long-running emulator does not grow. */
const LIMIT = 10_000;

/** Creates the store of refresh tokens. */
export function createRefreshTokens(clock: Clock): RefreshTokens {
  const grants = new Map<string, RefreshGrant>();
  return {
    issue(grant) {
      const token = `1.${randomBytes(48).toString("base64url")}`;
      grants.set(token, { ...grant, issuedAt: clock.seconds() });
      const [oldest] = grants.keys();
      if (grants.size > LIMIT && oldest) grants.delete(oldest);
      return token;
    },
    find: (token) => grants.get(token),
  };
}
