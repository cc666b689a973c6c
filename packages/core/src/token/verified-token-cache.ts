import type { TokenHash } from "./token-hash.js";

/** Most entries that are looked at to find one to evict, so that no request pays for a walk of the whole cache. */
const maxSteps = 64;

/** Words of 32 bits in a hash. */
const words = 8;

/** What the cache notes of an entry besides what it holds. */
export interface Rememberable {
  /** Whether it was found since the hand last passed. */
  seenAgain: boolean;
}

/**
 * Verified tokens by their hash, bounded. What costs a server is the memory that a hit touches, so there is a table
 * of small integers to find an entry by, and a hit moves nothing: it sets a flag. When the cache is full, a hand goes
 * round, takes the flag of the entries that were seen again, and evicts the first that was not.
 *
 * The table is open addressing with linear probing: the hash of a token that held is as good as random, and nobody
 * can choose it.
 * @see CLOCK (Corbató 1968)
 */
export class VerifiedTokenCache<Entry extends Rememberable> {
  readonly #maxEntries: number;
  /** By place; a place that is free holds nothing. */
  readonly #entries: (Entry | undefined)[] = [];
  /** By place, {@link words} each. */
  #hashes = new Int32Array(0);
  /** Two words a slot: the first of the hash, and the place of the entry + 1; 0 = free. Twice as many as places. */
  #slots = new Int32Array(0);
  readonly #freePlaces: number[] = [];
  #hand = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#entries.length - this.#freePlaces.length;
  }

  /** What is remembered of a token, however old it is. */
  get(hash: TokenHash): Entry | undefined {
    const slot = this.#find(hash);
    if (slot === -1) return undefined;
    const entry = this.#entries[(this.#slots[slot + 1] as number) - 1] as Entry;
    if (!entry.seenAgain) entry.seenAgain = true;
    return entry;
  }

  /** Remembers a token. */
  set(hash: TokenHash, entry: Entry): void {
    const slot = this.#find(hash);
    if (slot !== -1) {
      this.#entries[(this.#slots[slot + 1] as number) - 1] = entry;
      return;
    }
    const place = this.#freePlace();
    this.#entries[place] = entry;
    for (let word = 0; word < words; word += 1) this.#hashes[place * words + word] = wordOf(hash, word);
    this.#occupy(place);
  }

  /** Forgets a token. */
  delete(hash: TokenHash): void {
    const slot = this.#find(hash);
    if (slot !== -1) this.#release(slot);
  }

  /** The slot of a hash, or -1. */
  #find(hash: TokenHash): number {
    const slots = this.#slots;
    if (slots.length === 0) return -1;
    const mask = slots.length - 1;
    const first = wordOf(hash, 0);
    for (let slot = homeOf(wordOf(hash, 1), mask); ; slot = (slot + 2) & mask) {
      const place = slots[slot + 1] as number;
      if (place === 0) return -1;
      if (slots[slot] === first && this.#isAt(place - 1, hash)) return slot;
    }
  }

  #isAt(place: number, hash: TokenHash): boolean {
    const hashes = this.#hashes;
    const offset = place * words;
    for (let word = 0; word < words; word += 1) {
      if (hashes[offset + word] !== wordOf(hash, word)) return false;
    }
    return true;
  }

  #occupy(place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#homeOf(place);
    while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
    slots[slot] = this.#hashes[place * words] as number;
    slots[slot + 1] = place + 1;
  }

  #homeOf(place: number): number {
    return homeOf(this.#hashes[place * words + 1] as number, this.#slots.length - 1);
  }

  /** Frees a slot and its place, and moves up what stands behind it because it was taken. */
  #release(released: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const place = (slots[released + 1] as number) - 1;
    this.#entries[place] = undefined;
    this.#freePlaces.push(place);
    let gap = released;
    for (let slot = (gap + 2) & mask; slots[slot + 1] !== 0; slot = (slot + 2) & mask) {
      const home = this.#homeOf((slots[slot + 1] as number) - 1);
      // Stays where it is if its home lies between the gap and itself, going round.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot] as number;
      slots[gap + 1] = slots[slot + 1] as number;
      gap = slot;
    }
    slots[gap + 1] = 0;
  }

  /** Where a new entry goes. */
  #freePlace(): number {
    if (this.size >= this.#maxEntries) this.#evict();
    const free = this.#freePlaces.pop();
    if (free !== undefined) return free;
    const place = this.#entries.length;
    if (place * words === this.#hashes.length) this.#grow();
    return place;
  }

  #grow(): void {
    const places = Math.min(this.#maxEntries, Math.max(16, this.#entries.length * 2));
    const hashes = new Int32Array(places * words);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const slots = 2 ** Math.ceil(Math.log2(places * 2));
    this.#slots = new Int32Array(slots * 2);
    for (let place = 0; place < this.#entries.length; place += 1) this.#occupy(place);
  }

  #evict(): void {
    for (let steps = 1; ; steps += 1) {
      this.#hand = (this.#hand + 1) % this.#entries.length;
      const entry = this.#entries[this.#hand];
      if (entry === undefined) continue;
      if (entry.seenAgain && steps < maxSteps) {
        entry.seenAgain = false;
        continue;
      }
      this.#release(this.#slotOf(this.#hand));
      return;
    }
  }

  #slotOf(place: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#homeOf(place);
    while (this.#slots[slot + 1] !== place + 1) slot = (slot + 2) & mask;
    return slot;
  }
}

/** The slot where the search for a hash with this second word begins. */
function homeOf(word: number, mask: number): number {
  return (word << 1) & mask;
}

function wordOf(hash: string, word: number): number {
  const at = word * 4;
  return (
    hash.charCodeAt(at) |
    (hash.charCodeAt(at + 1) << 8) |
    (hash.charCodeAt(at + 2) << 16) |
    (hash.charCodeAt(at + 3) << 24)
  );
}
