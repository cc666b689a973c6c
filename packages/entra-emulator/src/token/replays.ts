import type { Clock } from "../clock.js";

/** Remembers the ids of assertions until they expire. */
export interface Replays {
  /**
   * Remembers an id.
   *
   * @param expires seconds since the epoch
   * @returns false when it was remembered already
   */
  remember(id: string, expires: number): boolean;
}

/** Creates a memory of assertion ids, which forgets what has expired. */
export function createReplays(clock: Clock): Replays {
  const seen = new Map<string, number>();
  return {
    remember(id, expires) {
      const now = clock.seconds();
      for (const [known, until] of seen) {
        if (until < now - SKEW) seen.delete(known);
        // Entries are in order of arrival and live about equally long, so the first live one ends the sweep.
        else break;
      }
      if (seen.has(id)) return false;
      seen.set(id, expires);
      return true;
    },
  };
}

/** An assertion is accepted this long after it expired, so it must be remembered as long; in seconds. */
const SKEW = 300;
