import { LRUCache } from "lru-cache";
import type { TokenStore } from "./token-store.js";

/** Values that are kept, at most. */
const maxEntries = 10_000;

/** A {@link TokenStore} in the memory of this process: for tests, and for sessions where no store is configured. */
export function memoryTokenStore(): TokenStore {
  const values = new LRUCache<string, string>({ max: maxEntries, ttlAutopurge: false });
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: async (key, value, ttlSeconds) => {
      values.set(key, value, { ttl: ttlSeconds * 1000 });
    },
    delete: async (key) => {
      values.delete(key);
    },
  };
}
