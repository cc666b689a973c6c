import type { VerifiedToken } from "./verify-token.js";

/** Most entries that are looked at to find one to evict, so that no request pays for a walk of the whole cache. */
const maxSteps = 64;

/** What the cache notes of an entry besides what it holds. */
export interface Rememberable extends VerifiedToken {
  /** Whether it was found since the hand last passed. */
  seenAgain: boolean;
}

/**
 * Verified tokens by their hash, bounded. A hit sets a flag and moves nothing: what costs a server is the memory that it
 * touches. When the cache is full, a hand goes from the oldest entry to the newest, takes the flag of those that were
 * seen again, and evicts the first that was not.
 * @see SIEVE (NSDI 2024)
 */
export class VerifiedTokenCache<Entry extends Rememberable> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  /** Made when the first entry must go: an iterator that stands still would keep what the map outgrows. */
  #hand: Iterator<Entry, undefined> | undefined;
  /** How many entries the hand still goes over before it starts again; those that came meanwhile wait for the next time. */
  #left = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** What is remembered of a token, however old it is. */
  get(hash: string): Entry | undefined {
    const entry = this.#entries.get(hash);
    if (entry !== undefined && !entry.seenAgain) entry.seenAgain = true;
    return entry;
  }

  /** Remembers a token. */
  set(entry: Entry): void {
    if (this.#entries.size >= this.#maxEntries && !this.#entries.has(entry.hash)) this.#evict();
    this.#entries.set(entry.hash, entry);
  }

  /** Forgets a token. */
  delete(hash: string): void {
    this.#entries.delete(hash);
  }

  #evict(): void {
    for (let steps = 1; ; steps += 1) {
      const entry = this.#next();
      if (entry === undefined) return;
      if (entry.seenAgain && steps < maxSteps) {
        entry.seenAgain = false;
        continue;
      }
      this.#entries.delete(entry.hash);
      return;
    }
  }

  /** The entry under the hand, which goes on, and starts again at the end. */
  #next(): Entry | undefined {
    const entry = this.#left > 0 ? this.#hand?.next().value : undefined;
    if (entry === undefined) {
      this.#hand = this.#entries.values();
      this.#left = this.#entries.size;
    }
    this.#left -= 1;
    return entry ?? this.#hand?.next().value;
  }
}
