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

/** Creates a memory of assertion ids, which forgets what has expired and what is oldest. */
export function createReplays(clock: Clock): Replays {
  const seen = new Map<string, number>();
  return {
    remember(id, expires) {
      const until = seen.get(id);
      if (until !== undefined && until >= clock.seconds() - SKEW) return false;
      seen.delete(id);
      seen.set(id, expires);
      const [oldest] = seen.keys();
      if (seen.size > LIMIT && oldest) seen.delete(oldest);
      return true;
    },
  };
}

/** An assertion is accepted this long after it expired, so it must be remembered as long; in seconds. */
const SKEW = 300;
/** How many ids are remembered; the oldest are forgotten, so that a long-running emulator does not grow. */
const LIMIT = 10_000;
