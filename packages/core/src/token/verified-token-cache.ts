import type { TokenFingerprint } from "./token-fingerprint.js";

/** Most entries that are looked at to find one to evict, so that no request pays for a walk of the whole cache. */
const maxSteps = 64;

/** 32-bit words of a record: those of the fingerprint, then what the constants below name. */
const recordWords = 8;
const fingerprintWords = 4;
const notBeforeWord = 4;
const notAfterWord = 5;
const stateWord = 6;

const free = 0;
const taken = 1;
/** Taken, and found since the hand last passed. */
const seenAgain = 2;

/** When a token holds, in whole seconds since the epoch: from `notBefore` on, and before `notAfter`. */
export interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Verified tokens by their fingerprint, bounded. What a hit costs a server is the memory that it touches, because the
 * tokens of many users are out of the processor's sight: so a hit looks at one record of integers, moves nothing, and
 * leaves the entry alone. When the cache is full, a hand goes round, takes the mark of the entries that were seen again,
 * and evicts the first that was not.
 *
 * The records are a table with open addressing and linear probing, two thirds full at most. Fingerprints are as good as
 * random, and nobody can choose them.
 * @see CLOCK (Corbató 1968)
 */
export class VerifiedTokenCache<Entry extends object> {
  readonly #maxEntries: number;
  #size = 0;
  #records = new Int32Array(0);
  /** Beside the records. */
  #entries: (Entry | undefined)[] = [];
  #hand = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#size;
  }

  /**
   * What is remembered of a token. One whose time is not now is forgotten.
   * @param now seconds since the epoch
   */
  get(fingerprint: TokenFingerprint, now: number): Entry | undefined {
    const slot = this.#find(fingerprint);
    if (slot === -1) return undefined;
    const records = this.#records;
    const record = slot * recordWords;
    if (now < secondsOf(records[record + notBeforeWord]) || now >= secondsOf(records[record + notAfterWord])) {
      this.#release(slot);
      return undefined;
    }
    if (records[record + stateWord] !== seenAgain) records[record + stateWord] = seenAgain;
    return this.#entries[slot];
  }

  /** Remembers a token. */
  set(fingerprint: TokenFingerprint, entry: Entry, { notBefore, notAfter }: Lifetime): void {
    let slot = this.#find(fingerprint);
    if (slot === -1) {
      if (this.#size >= this.#maxEntries) this.#evict();
      if (this.#size + 1 > this.#entries.length * (2 / 3)) this.#grow();
      slot = this.#add(fingerprint);
    }
    this.#entries[slot] = entry;
    this.#records[slot * recordWords + notBeforeWord] = wordOfSeconds(notBefore);
    this.#records[slot * recordWords + notAfterWord] = wordOfSeconds(notAfter);
  }

  /** Forgets the tokens that a condition holds for. */
  deleteWhere(condition: (entry: Entry) => boolean): void {
    for (let slot = 0; slot < this.#entries.length; ) {
      const entry = this.#entries[slot];
      // What moves up into a slot that was freed is looked at next.
      if (entry !== undefined && condition(entry)) this.#release(slot);
      else slot += 1;
    }
  }

  /** The slot of a fingerprint, or -1. */
  #find(fingerprint: TokenFingerprint): number {
    const records = this.#records;
    const slots = this.#entries.length;
    if (slots === 0) return -1;
    const first = wordOf(fingerprint, 0);
    for (let slot = homeOf(first, slots); ; slot = slot + 1 === slots ? 0 : slot + 1) {
      const record = slot * recordWords;
      if (records[record + stateWord] === free) return -1;
      if (records[record] === first && isFingerprint(records, record, fingerprint)) return slot;
    }
  }

  #add(fingerprint: TokenFingerprint): number {
    const records = this.#records;
    const slot = this.#freeSlot(wordOf(fingerprint, 0));
    const record = slot * recordWords;
    for (let word = 0; word < fingerprintWords; word += 1) records[record + word] = wordOf(fingerprint, word);
    records[record + stateWord] = taken;
    this.#size += 1;
    return slot;
  }

  #freeSlot(first: number): number {
    const slots = this.#entries.length;
    let slot = homeOf(first, slots);
    while (this.#records[slot * recordWords + stateWord] !== free) slot = slot + 1 === slots ? 0 : slot + 1;
    return slot;
  }

  /** Frees a slot, and moves up what stands behind it because it was taken. */
  #release(released: number): void {
    const records = this.#records;
    const slots = this.#entries.length;
    let gap = released;
    for (let slot = (gap + 1) % slots; records[slot * recordWords + stateWord] !== free; slot = (slot + 1) % slots) {
      const home = homeOf(records[slot * recordWords] as number, slots);
      // One whose home lies behind the gap is found where it is.
      if ((slot - home + slots) % slots < (slot - gap + slots) % slots) continue;
      records.copyWithin(gap * recordWords, slot * recordWords, (slot + 1) * recordWords);
      this.#entries[gap] = this.#entries[slot];
      gap = slot;
    }
    records[gap * recordWords + stateWord] = free;
    this.#entries[gap] = undefined;
    this.#size -= 1;
  }

  #grow(): void {
    const [records, entries] = [this.#records, this.#entries];
    const slots = Math.min(Math.ceil(this.#maxEntries * 1.5) + 1, Math.max(32, entries.length * 2));
    this.#records = new Int32Array(slots * recordWords);
    this.#entries = new Array<Entry | undefined>(slots).fill(undefined);
    this.#hand = 0;
    for (const [slot, entry] of entries.entries()) {
      if (entry === undefined) continue;
      const record = records.subarray(slot * recordWords, (slot + 1) * recordWords);
      const to = this.#freeSlot(record[0] as number);
      this.#records.set(record, to * recordWords);
      this.#entries[to] = entry;
    }
  }

  #evict(): void {
    const records = this.#records;
    let steps = 1;
    for (;;) {
      const state = this.#hand * recordWords + stateWord;
      if (records[state] === taken || (records[state] === seenAgain && steps >= maxSteps)) {
        // The hand stays, because another entry may have moved up to here.
        this.#release(this.#hand);
        return;
      }
      if (records[state] === seenAgain) {
        records[state] = taken;
        steps += 1;
      }
      this.#hand = (this.#hand + 1) % this.#entries.length;
    }
  }
}

/** A word of a fingerprint, which is of two characters. */
function wordOf(fingerprint: TokenFingerprint, word: number): number {
  return fingerprint.charCodeAt(2 * word) | (fingerprint.charCodeAt(2 * word + 1) << 16);
}

function isFingerprint(records: Int32Array, record: number, fingerprint: TokenFingerprint): boolean {
  for (let word = 1; word < fingerprintWords; word += 1) {
    if (records[record + word] !== wordOf(fingerprint, word)) return false;
  }
  return true;
}

/** The slot where the search for a fingerprint begins, by its first word. */
function homeOf(first: number, slots: number): number {
  return Math.floor(((first >>> 0) / 2 ** 32) * slots);
}

/** Seconds as a word of a record, which holds those from 1970 to 2106. */
function wordOfSeconds(value: number): number {
  return Math.min(Math.max(0, value), 2 ** 32 - 1);
}

/** The seconds that a word of a record holds. */
function secondsOf(word: number | undefined): number {
  return (word as number) >>> 0;
}
