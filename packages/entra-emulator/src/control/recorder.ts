/** Keeps the last entries and counts all of them. */
export interface Recorder<T> {
  add(entry: T): void;
  readonly entries: readonly T[];
  /** How many were added since the last `clear`, those no longer kept included. */
  readonly total: number;
  clear(): void;
}

/**
 * Creates a recorder.
 *
 * @param limit how many entries it keeps; bounded so that a long-running emulator does not grow
 */
export function createRecorder<T>(limit = 1000): Recorder<T> {
  const entries: T[] = [];
  let total = 0;
  return {
    entries,
    get total() {
      return total;
    },
    add(entry) {
      total += 1;
      entries.push(entry);
      if (entries.length > limit) entries.shift();
    },
    clear() {
      entries.length = 0;
      total = 0;
    },
  };
}
