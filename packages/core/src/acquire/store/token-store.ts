/**
 * A second tier behind the memory of a process, shared by its siblings: Redis, a database. What it is given is encrypted
 * and bound to its key already. It may fail: a token is then asked for as if the store were empty.
 */
export interface TokenStore {
  /** The value of a key, or `undefined`. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a value for so many seconds. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Forgets a key; it need not exist. */
  delete(key: string): Promise<void>;
}
