import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TokenHash, tokenHashOf } from "./token-hash.js";
import { type Rememberable, VerifiedTokenCache } from "./verified-token-cache.js";

interface Entry extends Rememberable {
  readonly token: string;
}

const entry = (token: string): Entry => ({ token, seenAgain: false });
const set = (cache: VerifiedTokenCache<Entry>, added: Entry) => cache.set(tokenHashOf(added.token), added);
const get = (cache: VerifiedTokenCache<Entry>, token: string) => cache.get(tokenHashOf(token));

/** Which of some tokens are remembered. Asking for one counts as a hit, so this comes last. */
const remembered = (cache: VerifiedTokenCache<Entry>, tokens: Iterable<string>) =>
  [...tokens].filter((token) => get(cache, token) !== undefined).join("");

describe("VerifiedTokenCache", () => {
  it("remembers as many as it may, and then lets the oldest go that was not seen again", () => {
    const cache = new VerifiedTokenCache<Entry>(3);
    for (const token of "abc") set(cache, entry(token));
    get(cache, "a");
    set(cache, entry("d"));
    expect(cache.size).toBe(3);
    expect(remembered(cache, "abcd")).toBe("acd");
  });

  it("lets go of a token that is seen no more, however often it was", () => {
    const cache = new VerifiedTokenCache<Entry>(3);
    for (const token of "abc") set(cache, entry(token));
    for (let hits = 0; hits < 100; hits += 1) get(cache, "a");
    for (const token of "defghi") set(cache, entry(token));
    expect(remembered(cache, "a")).toBe("");
  });

  it("keeps what is in use while a flood of tokens passes that come once", () => {
    const cache = new VerifiedTokenCache<Entry>(100);
    const inUse = Array.from({ length: 50 }, (_, index) => `used-${index}`);
    for (const token of inUse) set(cache, entry(token));
    for (let index = 0; index < 10_000; index += 1) {
      set(cache, entry(`once-${index}`));
      get(cache, inUse[index % inUse.length] ?? "");
    }
    expect(cache.size).toBe(100);
    expect(inUse.filter((token) => get(cache, token) !== undefined)).toHaveLength(50);
  });

  it("evicts one although all were seen again, and looks at a bounded number of them", () => {
    const cache = new VerifiedTokenCache<Entry>(10_000);
    const all = Array.from({ length: 10_000 }, (_, index) => entry(`token-${index}`));
    for (const each of all) set(cache, each);
    for (const each of all) get(cache, each.token);
    set(cache, entry("new"));
    expect(cache.size).toBe(10_000);
    expect(all.filter(({ seenAgain }) => !seenAgain).length).toBeLessThan(100);
    expect(get(cache, "new")).toBeDefined();
  });

  it("replaces what it remembers of a token, and forgets it when told", () => {
    const cache = new VerifiedTokenCache<Entry>(2);
    for (const token of "ab") set(cache, entry(token));
    const anew = entry("a");
    set(cache, anew);
    expect(get(cache, "a")).toBe(anew);
    expect(cache.size).toBe(2);
    cache.delete(tokenHashOf("a"));
    expect(get(cache, "a")).toBeUndefined();
    for (const token of "cd") set(cache, entry(token));
    expect(cache.size).toBe(2);
  });

  it("holds one token if that is its bound", () => {
    const cache = new VerifiedTokenCache<Entry>(1);
    for (const token of "abab") set(cache, entry(token));
    expect(cache.size).toBe(1);
    expect(remembered(cache, "ab")).toBe("b");
  });

  it("finds what a Map would find, whatever was added and forgotten in between, where hashes begin alike", () => {
    // Few starts and few tails: slots and first words collide all the time.
    const hashes = fc
      .record({ start: fc.nat(1), home: fc.nat(3), tail: fc.nat(5) })
      .map(({ start, home, tail }) =>
        String.fromCharCode(start, 0, 0, 255, home, 128, 0, 0, ...Array(23).fill(7), tail),
      );
    const step = fc.record({ what: fc.constantFrom("set", "set", "delete", "get"), hash: hashes });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const cache = new VerifiedTokenCache<Entry>(1_000);
        const model = new Map<string, Entry>();
        for (const { what, hash } of steps) {
          const key = hash as TokenHash;
          if (what === "set") {
            const added = entry(hash);
            cache.set(key, added);
            model.set(hash, added);
          } else if (what === "delete") {
            cache.delete(key);
            model.delete(hash);
          }
          expect(cache.get(key)).toBe(model.get(hash));
          expect(cache.size).toBe(model.size);
        }
        for (const [hash, held] of model) expect(cache.get(hash as TokenHash)).toBe(held);
      }),
    );
  });

  it("never exceeds its bound, and never gives one token for another", () => {
    const step = fc.record({ token: fc.nat(40), forget: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 300 }), (bound, steps) => {
        const cache = new VerifiedTokenCache<Entry>(bound);
        for (const { token, forget } of steps) {
          const name = `token-${token}`;
          if (forget) cache.delete(tokenHashOf(name));
          else set(cache, entry(name));
          expect(get(cache, name)?.token).toBe(forget ? undefined : name);
          expect(cache.size).toBeLessThanOrEqual(bound);
        }
        for (let token = 0; token <= 40; token += 1) {
          expect([undefined, `token-${token}`]).toContain(get(cache, `token-${token}`)?.token);
        }
      }),
    );
  });
});
