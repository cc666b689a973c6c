import { hash } from "node:crypto";

/**
 * SHA-256 of a token as it came, 32 characters of one byte each: the key of validation and of on-behalf-of alike. What
 * is kept of a token in memory is this, and not the token.
 */
export type TokenHash = string & { readonly __tokenHash: never };

/** The hash of a whole token. */
export function tokenHashOf(token: string): TokenHash {
  // "binary" is Node's other name of latin1, and the one that its types know here.
  return hash("sha256", token, "binary") as TokenHash;
}
