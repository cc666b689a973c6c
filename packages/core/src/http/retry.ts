import { setTimeout as delay } from "node:timers/promises";

/** Wait before the first retry, in milliseconds; each further one waits twice as long. */
const firstWaitMs = 100;
/** Longest wait that is not the server's own wish, in milliseconds. */
const longestWaitMs = 5_000;

/** Whether a status may be gone at the next try: throttled, or a failure of the server or of what is before it. */
export function isTransientStatus(status: number): boolean {
  return status === 429 || status === 408 || status >= 500;
}

/** What is known when a retry is considered. */
export interface RetryState {
  /** How many tries were made, 1 or more. */
  readonly tries: number;
  /** How many retries are allowed. */
  readonly maxRetries: number;
  /** What the server wished, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** What is left of the budget, in milliseconds. */
  readonly remainingMs: number;
}

/**
 * How long to wait before the next try, in milliseconds; `undefined` when there is to be none: the retries are used up,
 * or the wait would outlast the budget. The server's wish is kept to exactly; without one the wait grows exponentially,
 * with jitter, so that many clients do not come back at once.
 */
export function retryWaitMs(state: RetryState, random: () => number = Math.random): number | undefined {
  if (state.tries > state.maxRetries) return undefined;
  const backoff = Math.min(firstWaitMs * 2 ** (state.tries - 1), longestWaitMs) * (0.5 + random() / 2);
  const waitMs = state.retryAfterSeconds === undefined ? backoff : state.retryAfterSeconds * 1000;
  return waitMs < state.remainingMs ? waitMs : undefined;
}

/** Waits, unless a signal calls it off. @throws the signal's reason */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.reason ?? error;
  }
}
