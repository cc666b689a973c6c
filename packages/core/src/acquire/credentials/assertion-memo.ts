import { decodeJwt } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../clock.js";
import { SingleFlight } from "../single-flight.js";

/** An assertion this close to its end is made anew, in milliseconds. */
const marginMs = 60_000;

interface Memo {
  readonly assertion: string;
  /** Milliseconds since the epoch; 0 for an assertion that does not say. */
  readonly expiresAt: number;
}

/** Keeps assertions until near their end, and makes each at most once at a time. */
export class AssertionMemo {
  readonly #clock: Clock;
  readonly #memos = new LRUCache<string, Memo>({ max: 1_000 });
  readonly #flights = new SingleFlight<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The assertion of a key, from memory or made. @throws whatever `make` throws */
  get(key: string, make: () => Promise<string>): Promise<string> {
    const memo = this.#memos.get(key);
    if (memo !== undefined && memo.expiresAt - marginMs > this.#clock()) return Promise.resolve(memo.assertion);
    return this.#flights.run(key, async () => {
      const assertion = await make();
      this.#memos.set(key, { assertion, expiresAt: expiryOf(assertion) });
      return assertion;
    });
  }

  /** Forgets all. */
  clear(): void {
    this.#memos.clear();
  }
}

/** `exp` of an assertion in milliseconds; 0 when it has none, so that it serves one request alone. */
function expiryOf(assertion: string): number {
  let exp: unknown;
  try {
    ({ exp } = decodeJwt(assertion));
  } catch {
    throw new TypeError("it is not a JWT");
  }
  return typeof exp === "number" ? exp * 1000 : 0;
}
