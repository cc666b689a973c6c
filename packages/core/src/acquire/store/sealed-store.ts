import type { Logger } from "../../logger.js";
import type { Telemetry } from "../../telemetry/telemetry.js";
import type { Sealer } from "./sealer.js";
import type { TokenStore } from "./token-store.js";

/** How long a store may take, in milliseconds. */
const storeTimeoutMs = 1_000;
/** Warnings of a broken store are this far apart, in milliseconds. */
const warnEveryMs = 60_000;

/** What a {@link SealedStore} needs. */
export interface SealedStoreInit {
  readonly store: TokenStore;
  readonly sealer: Sealer;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** JSON values in a {@link TokenStore}: encrypted, and bounded in time, so that a store that hangs costs a second. */
export class SealedStore {
  readonly #init: SealedStoreInit;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(init: SealedStoreInit) {
    this.#init = init;
  }

  /** The value of a key. @throws Error when the store fails or is silent */
  async get(key: string): Promise<unknown> {
    const { store, sealer } = this.#init;
    const sealed = await withinTime(store.get(key));
    const text = typeof sealed === "string" ? sealer.open(key, sealed) : undefined;
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Keeps a value. @throws Error when the store fails or is silent */
  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    const { store, sealer } = this.#init;
    await withinTime(store.set(key, sealer.seal(key, JSON.stringify(value)), ttlSeconds));
  }

  /** Forgets a key. @throws Error when the store fails or is silent */
  async delete(key: string): Promise<void> {
    await withinTime(this.#init.store.delete(key));
  }

  /** Runs an operation without which the caller can do: a failure is counted, and warned of once a minute. */
  async optional<Result>(operation: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await operation();
    } catch (error) {
      this.#init.telemetry.storeFailed();
      const now = performance.now();
      if (now - this.#warnedAt >= warnEveryMs) {
        this.#warnedAt = now;
        const why = error instanceof Error ? error.message : "it failed";
        this.#init.logger.warn(`agent-auth: the token store is of no use at the moment: ${why}`);
      }
      return undefined;
    }
  }
}

async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${storeTimeoutMs} ms`)), storeTimeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
