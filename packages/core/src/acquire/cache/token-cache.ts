import type { CachedToken, TokenOwner } from "./cached-token.js";

/** Which tokens to forget. What is absent does not matter; an empty filter matches all. */
export interface TokenFilter {
  /** Tenant (GUID or domain) as the plan named it. */
  readonly tenantId?: string | undefined;
  /** Client id (GUID) of an agent identity: its own tokens and those that lead to them. */
  readonly agentIdentity?: string | undefined;
  /** Object id (GUID) of a user, or of an agent user. */
  readonly userId?: string | undefined;
  /** SHA-256 of a long-running session's key. */
  readonly session?: string | undefined;
}

/** Bounds of a {@link TokenCache}. */
export interface TokenCacheBounds {
  readonly maxEntries: number;
  /** Bytes, of the tokens and an estimate of what keeps them. */
  readonly maxBytes: number;
}

/** Bytes that an entry takes beside its token, as measured by the acquisition benchmark. */
const entryOverheadBytes = 400;

/** A node of the list of entries by use: the links are the entry's own, so that a hit allocates nothing. */
class Entry implements CachedToken {
  readonly authorizationHeader: string;
  readonly expiresAt: number;
  refreshAt: number;
  readonly scopes: readonly string[];
  readonly owner: TokenOwner["leg"];
  readonly key: string;
  readonly assertionHash: string;
  readonly userId: string;
  newer: Entry | undefined;
  older: Entry | undefined;

  constructor(token: CachedToken, owner: TokenOwner) {
    this.authorizationHeader = token.authorizationHeader;
    this.expiresAt = token.expiresAt;
    this.refreshAt = token.refreshAt;
    this.scopes = token.scopes;
    this.owner = owner.leg;
    this.key = owner.key;
    this.assertionHash = owner.assertionHash;
    this.userId = owner.userId;
  }

  get bytes(): number {
    return this.authorizationHeader.length + entryOverheadBytes;
  }
}

/**
 * Acquired tokens, bounded in number and bytes, least recently used first out. Nested by leg and assertion rather than
 * keyed by their concatenation: a lookup builds no string, whatever the number of users.
 */
export class TokenCache {
  readonly #bounds: TokenCacheBounds;
  readonly #legs = new Map<string, Map<string, Entry>>();
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  #size = 0;
  #bytes = 0;
  #generation = 0;

  constructor(bounds: TokenCacheBounds) {
    this.#bounds = bounds;
  }

  /** How many tokens are cached. */
  get size(): number {
    return this.#size;
  }

  /** Bytes, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Grows with every {@link invalidate}: what was asked for before must not be kept after. */
  get generation(): number {
    return this.#generation;
  }

  /** The token of a leg and an assertion, however old it is. */
  find(key: string, assertionHash: string): CachedToken | undefined {
    const entry = this.#legs.get(key)?.get(assertionHash);
    if (entry !== undefined && entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry;
  }

  /** Keeps a token, in place of the one that its owner had. */
  set(owner: TokenOwner, token: CachedToken): CachedToken {
    const { key, assertionHash } = owner;
    let assertions = this.#legs.get(key);
    const previous = assertions?.get(assertionHash);
    if (previous !== undefined) this.#remove(previous);
    // Removing the last entry of a leg drops its map.
    assertions = this.#legs.get(key);
    if (assertions === undefined) {
      assertions = new Map();
      this.#legs.set(key, assertions);
    }
    const entry = new Entry(token, owner);
    assertions.set(assertionHash, entry);
    this.#link(entry);
    this.#size++;
    this.#bytes += entry.bytes;
    while ((this.#size > this.#bounds.maxEntries || this.#bytes > this.#bounds.maxBytes) && this.#oldest !== entry) {
      this.#remove(this.#oldest as Entry);
    }
    return entry;
  }

  /** Puts off the background refresh of a cached token. Seconds since the epoch. */
  postponeRefresh(token: CachedToken, refreshAt: number): void {
    if (token instanceof Entry) token.refreshAt = refreshAt;
  }

  /** Forgets one token. */
  delete(key: string, assertionHash: string): void {
    const entry = this.#legs.get(key)?.get(assertionHash);
    if (entry !== undefined) this.#remove(entry);
  }

  /** Forgets every token that matches, and says what they were. Walks the whole cache. */
  invalidate(filter: TokenFilter): TokenOwner[] {
    this.#generation++;
    const removed: TokenOwner[] = [];
    for (let entry = this.#oldest; entry !== undefined; ) {
      const next: Entry | undefined = entry.newer;
      if (matches(entry, filter)) {
        const { owner: leg, key, assertionHash, userId } = entry;
        removed.push({ leg, key, assertionHash, userId });
        this.#remove(entry);
      }
      entry = next;
    }
    return removed;
  }

  #link(entry: Entry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
  }

  #remove(entry: Entry): void {
    this.#unlink(entry);
    entry.newer = undefined;
    entry.older = undefined;
    this.#size--;
    this.#bytes -= entry.bytes;
    const assertions = this.#legs.get(entry.key);
    assertions?.delete(entry.assertionHash);
    if (assertions?.size === 0) this.#legs.delete(entry.key);
  }
}

function matches({ owner: leg, userId }: Entry, filter: TokenFilter): boolean {
  if (filter.tenantId !== undefined && leg.tenantId !== filter.tenantId) return false;
  if (filter.session !== undefined && !(leg.kind === "long-running" && leg.session === filter.session)) return false;
  if (filter.agentIdentity !== undefined) {
    const agent = leg.kind === "exchange" ? leg.fmiPath : leg.clientId;
    if (agent !== filter.agentIdentity) return false;
  }
  if (filter.userId !== undefined) {
    const agentUserId = leg.kind === "agent-user" && "userId" in leg.user ? leg.user.userId : "";
    if (userId !== filter.userId && agentUserId !== filter.userId) return false;
  }
  return true;
}
