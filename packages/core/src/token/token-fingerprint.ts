import { randomBytes } from "node:crypto";
import { SipHash } from "./siphash.js";

/**
 * What stands for a token in this process: 128 bits of a keyed hash of all its characters, as 8 characters of two
 * bytes each. The key was drawn when the process started and is told nobody, so that a token with the fingerprint of
 * another can only be guessed, at a chance of one in 2^128.
 */
export type TokenFingerprint = string & { readonly __tokenFingerprint: never };

const sipHash = new SipHash(randomBytes(16));

/** The fingerprint of a whole token. */
export function fingerprintOf(token: string): TokenFingerprint {
  return sipHash.hash(token) as TokenFingerprint;
}
