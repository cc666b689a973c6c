import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.js";
import type { SignInStrength } from "../token/conditional-access.js";

/** What an authorization code stands for. */
export interface AuthorizationGrant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** S256 challenge; absent when a confidential client went without PKCE. */
  readonly codeChallenge?: string | undefined;
  readonly nonce?: string | undefined;
  readonly signedIn: SignInStrength;
}

/** Authorization codes: each can be redeemed once, within ten minutes. */
export interface AuthorizationCodes {
  issue(grant: AuthorizationGrant): string;
  /** Looks a code up and spends it. */
  redeem(code: string): AuthorizationGrant | "unknown" | "redeemed" | "expired";
  /** The tenant of a code that can still be redeemed, for the multi-tenant endpoint. */
  tenantOf(code: string): string | undefined;
}

/** In seconds. */
const LIFETIME = 600;
const LIMIT = 1000;

/** Creates the store of authorization codes. */
export function createAuthorizationCodes(clock: Clock): AuthorizationCodes {
  const codes = new Map<string, { readonly grant: AuthorizationGrant; readonly expires: number; redeemed: boolean }>();
  return {
    issue(grant) {
      const code = `1.${randomBytes(32).toString("base64url")}`;
      codes.set(code, { grant, expires: clock.seconds() + LIFETIME, redeemed: false });
      const [oldest] = codes.keys();
      if (codes.size > LIMIT && oldest) codes.delete(oldest);
      return code;
    },
    redeem(code) {
      const entry = codes.get(code);
      if (!entry) return "unknown";
      if (entry.redeemed) return "redeemed";
      if (clock.seconds() >= entry.expires) return "expired";
      entry.redeemed = true;
      return entry.grant;
    },
    tenantOf: (code) => codes.get(code)?.grant.tenantId,
  };
}
