/** The emulator's idea of the time. Tests move it; nothing in the emulator reads `Date.now()` elsewhere. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whole seconds since the epoch, as JWT claims count them. */
  seconds(): number;
  /** Moves the clock by this many seconds; negative goes back. */
  advance(seconds: number): void;
  /** How far ahead of the machine's clock this one is, in seconds. */
  readonly offset: number;
}

/**
 * Creates a clock that runs with the machine's and can be moved.
 *
 * @param source where the time comes from, in milliseconds; `Date.now` by default
 */
export function createClock(source: () => number = Date.now): Clock {
  let offset = 0;
  return {
    now: () => source() + offset * 1000,
    seconds: () => Math.floor(source() / 1000) + offset,
    advance(seconds) {
      offset += seconds;
    },
    get offset() {
      return offset;
    },
  };
}
