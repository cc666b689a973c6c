import { LRUCache } from "lru-cache";
import { EntraError } from "./entra-error.js";

/** What is remembered of a refusal: when the next request makes sense, and what to say until then. */
interface Throttle {
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly error: EntraError;
}

/**
 * Entra's wishes to be left alone, each for the one leg and assertion that it was made for: one user's 429 is no other
 * user's.
 */
export class Throttles {
  readonly #throttles = new LRUCache<string, Throttle>({ max: 10_000 });

  /** @throws EntraError `entra_throttled` or `entra_unavailable` while Entra's last wish for this key stands */
  requireOpen(key: string, now: number): void {
    const throttle = this.#throttles.get(key);
    if (throttle === undefined) return;
    if (throttle.until <= now) {
      this.#throttles.delete(key);
      return;
    }
    const { leg, aadsts, correlationId, code, message } = throttle.error;
    throw new EntraError(code, {
      leg,
      aadsts,
      correlationId,
      retryable: true,
      detail: message,
      retryAfterSeconds: (throttle.until - now) / 1000,
      cause: throttle.error,
    });
  }

  /** Remembers a refusal that says when to come back. */
  note(key: string, error: unknown, now: number): void {
    if (!(error instanceof EntraError) || error.retryAfterSeconds === undefined) return;
    // A failure that names no time is not remembered: the next request may well succeed.
    if (error.code !== "entra_throttled" && error.retryAfterSeconds <= 1) return;
    this.#throttles.set(key, { until: now + error.retryAfterSeconds * 1000, error });
  }

  /** Forgets every wish. */
  clear(): void {
    this.#throttles.clear();
  }
}
