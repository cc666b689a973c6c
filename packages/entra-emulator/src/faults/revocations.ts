import type { Clock } from "../clock.js";

/** Users whose sessions were revoked: Continuous Access Evaluation as a resource sees it. */
export interface Revocations {
  /** Revokes all tokens of a user that exist now. */
  revoke(userId: string): void;
  /** When the user was revoked, in seconds since the epoch. */
  revokedAt(userId: string): number | undefined;
  /** Notes a token that was obtained with the claims of the challenge. */
  satisfy(userId: string, tokenId: string): void;
  /** Whether a resource must answer this token with the challenge. */
  isRevoked(userId: string, tokenId: string): boolean;
  /** The JSON of the claims that a new token must be asked for with. */
  challengeFor(userId: string): string;
  clear(): void;
}

/** How many tokens per user are remembered as good; the oldest are forgotten. */
const LIMIT = 1000;

/** Creates the revocations of an emulator. */
export function createRevocations(clock: Clock): Revocations {
  const revoked = new Map<string, { readonly since: number; readonly good: Set<string> }>();
  return {
    revoke(userId) {
      revoked.set(userId, { since: clock.seconds(), good: new Set() });
    },
    revokedAt: (userId) => revoked.get(userId)?.since,
    satisfy(userId, tokenId) {
      const good = revoked.get(userId)?.good;
      if (!good) return;
      good.add(tokenId);
      const [oldest] = good;
      if (good.size > LIMIT && oldest) good.delete(oldest);
    },
    isRevoked(userId, tokenId) {
      const entry = revoked.get(userId);
      return entry !== undefined && !entry.good.has(tokenId);
    },
    challengeFor(userId) {
      const value = String(revoked.get(userId)?.since ?? clock.seconds());
      return JSON.stringify({ access_token: { nbf: { essential: true, value } } });
    },
    clear: () => revoked.clear(),
  };
}
