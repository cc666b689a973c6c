import { describe, expect, it } from "vitest";
import type { Claims } from "./claims.js";
import { type Rememberable, VerifiedTokenCache } from "./verified-token-cache.js";

const entry = (hash: string): Rememberable => ({ hash, claims: {} as Claims, inner: undefined, seenAgain: false });

/** Which of some tokens are remembered. Asking for one counts as a hit, so this comes last. */
const remembered = (cache: VerifiedTokenCache<Rememberable>, hashes: Iterable<string>) =>
  [...hashes].filter((hash) => cache.get(hash) !== undefined).join("");

describe("VerifiedTokenCache", () => {
  it("remembers as many as it may, and then lets the oldest go that was not seen again", () => {
    const cache = new VerifiedTokenCache(3);
    for (const hash of "abc") cache.set(entry(hash));
    cache.get("a");
    cache.set(entry("d"));
    expect(cache.size).toBe(3);
    expect(remembered(cache, "abcd")).toBe("acd");
  });

  it("lets go of a token that is seen no more, however often it was", () => {
    const cache = new VerifiedTokenCache(3);
    for (const hash of "abc") cache.set(entry(hash));
    for (let hits = 0; hits < 100; hits += 1) cache.get("a");
    for (const hash of "defghi") cache.set(entry(hash));
    expect(remembered(cache, "a")).toBe("");
  });

  it("keeps what is in use while a flood of tokens passes that come once", () => {
    const cache = new VerifiedTokenCache(100);
    const inUse = Array.from({ length: 50 }, (_, index) => `used-${index}`);
    for (const hash of inUse) cache.set(entry(hash));
    for (let index = 0; index < 10_000; index += 1) {
      cache.set(entry(`once-${index}`));
      cache.get(inUse[index % inUse.length] ?? "");
    }
    expect(cache.size).toBe(100);
    expect(inUse.filter((hash) => cache.get(hash) !== undefined)).toHaveLength(50);
  });

  it("evicts one although all were seen again, and looks at a bounded number of them", () => {
    const cache = new VerifiedTokenCache(10_000);
    const all = Array.from({ length: 10_000 }, (_, index) => entry(`token-${index}`));
    for (const each of all) cache.set(each);
    for (const each of all) cache.get(each.hash);
    cache.set(entry("new"));
    expect(cache.size).toBe(10_000);
    expect(all.filter(({ seenAgain }) => !seenAgain).length).toBeLessThan(100);
    expect(cache.get("new")).toBeDefined();
  });

  it("replaces what it remembers of a token, and forgets it when told", () => {
    const cache = new VerifiedTokenCache(2);
    for (const hash of "ab") cache.set(entry(hash));
    const anew = entry("a");
    cache.set(anew);
    expect(cache.get("a")).toBe(anew);
    expect(cache.size).toBe(2);
    cache.delete("a");
    expect(cache.get("a")).toBeUndefined();
    for (const hash of "cd") cache.set(entry(hash));
    expect(cache.size).toBe(2);
  });

  it("holds one token if that is its bound", () => {
    const cache = new VerifiedTokenCache(1);
    for (const hash of "abab") cache.set(entry(hash));
    expect(cache.size).toBe(1);
    expect(remembered(cache, "ab")).toBe("b");
  });
});
