import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";

/** A token as it is cached: what a caller gets, ready to be handed out. */
export interface CachedToken {
  readonly accessToken: string;
  /** `Bearer …`: the finished header. */
  readonly authorizationHeader: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
  readonly tenantId: string;
}

/** A token this close to its end is not handed out, in milliseconds: it would expire on its way. */
const expiryMarginMs = 60 * 1000;

/** Acquired tokens by leg key: bounded, least recently used first out, never past their life. */
export class TokenCache {
  readonly #entries: LRUCache<string, CachedToken>;
  readonly #clock: Clock;

  constructor(maxEntries: number, clock: Clock) {
    this.#entries = new LRUCache({ max: maxEntries });
    this.#clock = clock;
  }

  /** The token of a key, if there is one with life left. */
  get(key: string): CachedToken | undefined {
    const token = this.#entries.get(key);
    if (token === undefined) return undefined;
    if (token.expiresAt - expiryMarginMs > this.#clock()) return token;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, token: CachedToken): void {
    this.#entries.set(key, token);
  }

  clear(): void {
    this.#entries.clear();
  }
}
