import { describe, expect, test } from "vitest";
import { type Leg, legKey } from "../plan/leg.js";
import type { CachedToken, TokenOwner } from "./cached-token.js";
import { accessTokenOf, bearerHeader } from "./cached-token.js";
import { TokenCache } from "./token-cache.js";

const leg: Leg = { kind: "on-behalf-of", tenantId: "t", clientId: "c", scopes: ["s"], credential: "configured" };
const key = legKey(leg);

function owner(user: number, overrides: Partial<TokenOwner> = {}): TokenOwner {
  return { leg, key, assertionHash: `hash-${user}`, userId: `user-${user}`, ...overrides };
}

function token(name: string | number, size = 20): CachedToken {
  const authorizationHeader = bearerHeader(String(name).padEnd(size, "."));
  return { authorizationHeader, expiresAt: 2_000_000_000, refreshAt: 1_900_000_000, scopes: [] };
}

const names = (cache: TokenCache, users: readonly number[]) =>
  users.map((user) => cache.find(key, `hash-${user}`) !== undefined);

describe("TokenCache", () => {
  test("keeps apart what differs in leg or assertion, and replaces what does not", () => {
    const cache = new TokenCache({ maxEntries: 10, maxBytes: 1_000_000 });
    cache.set(owner(1), token("a"));
    cache.set(owner(2), token("b"));
    cache.set(owner(1, { key: "another leg" }), token("c"));
    cache.set(owner(1), token("d"));
    expect(accessTokenOf(cache.find(key, "hash-1") as CachedToken)).toMatch(/^d/);
    expect(accessTokenOf(cache.find(key, "hash-2") as CachedToken)).toMatch(/^b/);
    expect(accessTokenOf(cache.find("another leg", "hash-1") as CachedToken)).toMatch(/^c/);
    expect(cache.size).toBe(3);
  });

  test("drops the least recently used first", () => {
    const cache = new TokenCache({ maxEntries: 3, maxBytes: 1_000_000 });
    for (const user of [1, 2, 3]) cache.set(owner(user), token(user));
    cache.find(key, "hash-1");
    cache.set(owner(4), token(4));
    expect(names(cache, [2, 1, 3, 4])).toEqual([false, true, true, true]);
    cache.delete(key, "hash-1");
    cache.set(owner(5), token(5));
    expect(names(cache, [1, 3, 4, 5])).toEqual([false, true, true, true]);
  });

  test("is bounded in bytes, but for the one token that is larger than the bound", () => {
    const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 10_000 });
    for (let user = 0; user < 100; user++) cache.set(owner(user), token(user, 1_500));
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
    expect(cache.size).toBe(5);
    cache.set(owner(0), token("large", 20_000));
    expect([cache.size, names(cache, [0])]).toEqual([1, [true]]);
  });

  test("holds its bounds under 1,000,000 distinct users", () => {
    const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 1_000_000_000 });
    for (let user = 0; user < 1_000_000; user++) cache.set(owner(user), token(user));
    expect(cache.size).toBe(1_000);
    expect(names(cache, [998_999, 999_000, 999_999])).toEqual([false, true, true]);
    expect(cache.invalidate({})).toHaveLength(1_000);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  test("forgets by user, agent, tenant and session", () => {
    const cache = new TokenCache({ maxEntries: 100, maxBytes: 1_000_000 });
    const base = { tenantId: "t1", scopes: ["s"] };
    const owners: TokenOwner[] = [
      owner(1),
      owner(2),
      {
        ...owner(0),
        leg: { ...base, kind: "exchange", clientId: "blueprint", fmiPath: "a1", credential: "configured" },
      },
      { ...owner(0), leg: { ...base, kind: "client-credentials", clientId: "a1", credential: 0 } },
      { ...owner(0), leg: { ...base, kind: "long-running", clientId: "a2", credential: 0, session: "s1" } },
    ].map((each, index) => ({ ...each, key: `${index}` }) as TokenOwner);
    const fill = () => {
      for (const each of owners) cache.set(each, token(each.key));
    };
    const forgotten = (filter: Parameters<TokenCache["invalidate"]>[0]) => {
      fill();
      return cache
        .invalidate(filter)
        .map((each) => each.key)
        .sort();
    };
    expect(forgotten({ userId: "user-2" })).toEqual(["1"]);
    expect(forgotten({ agentIdentity: "a1" })).toEqual(["2", "3"]);
    expect(forgotten({ tenantId: "t1" })).toEqual(["2", "3", "4"]);
    expect(forgotten({ session: "s1" })).toEqual(["4"]);
    expect(forgotten({ tenantId: "t1", agentIdentity: "a2" })).toEqual(["4"]);
  });
});
