import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, type TokenFingerprint } from "./token-fingerprint.js";
import { VerifiedTokenCache } from "./verified-token-cache.js";

interface Entry {
  readonly token: string;
}

const always = { notBefore: 0, notAfter: 2_000_000_000 };
const now = 1_800_000_000;

const set = (cache: VerifiedTokenCache<Entry>, token: string, lifetime = always) =>
  cache.set(fingerprintOf(token), { token }, lifetime);
const get = (cache: VerifiedTokenCache<Entry>, token: string, at = now) => cache.get(fingerprintOf(token), at);

/** A token is forgotten when it is asked for after its time. */
const forget = (cache: VerifiedTokenCache<Entry>, fingerprint: TokenFingerprint) =>
  cache.get(fingerprint, always.notAfter);

/** Which of some tokens are remembered. Asking for one counts as a hit, so this comes last. */
const remembered = (cache: VerifiedTokenCache<Entry>, tokens: Iterable<string>) =>
  [...tokens].filter((token) => get(cache, token) !== undefined).join("");

describe("VerifiedTokenCache", () => {
  it("remembers as many as it may, and evicts one for each that comes then", () => {
    const cache = new VerifiedTokenCache<Entry>(3);
    for (const token of "abcd") {
      set(cache, token);
      expect(get(cache, token)?.token).toBe(token);
    }
    expect(cache.size).toBe(3);
    expect(remembered(cache, "abcd")).toHaveLength(3);
  });

  it("lets go of a token that is seen no more, however often it was", () => {
    const cache = new VerifiedTokenCache<Entry>(100);
    for (let index = 0; index < 100; index += 1) set(cache, `token-${index}`);
    for (let hits = 0; hits < 100; hits += 1) get(cache, "token-0");
    for (let index = 100; index < 1_000; index += 1) set(cache, `token-${index}`);
    expect(cache.size).toBe(100);
    expect(get(cache, "token-0")).toBeUndefined();
  });

  it("keeps what is in use while a flood of tokens passes that come once", () => {
    const cache = new VerifiedTokenCache<Entry>(100);
    const inUse = Array.from({ length: 40 }, (_, index) => `used-${index}`);
    for (const token of inUse) {
      set(cache, token);
      get(cache, token);
    }
    for (let index = 0; index < 10_000; index += 1) {
      set(cache, `once-${index}`);
      get(cache, inUse[index % inUse.length] ?? "");
    }
    expect(cache.size).toBe(100);
    expect(inUse.filter((token) => get(cache, token) !== undefined)).toHaveLength(40);
  });

  it("evicts one although all were seen again, and takes the mark of a bounded number of them", () => {
    const cache = new VerifiedTokenCache<Entry>(10_000);
    const all = Array.from({ length: 10_000 }, (_, index) => `token-${index}`);
    for (const token of all) set(cache, token);
    for (const token of all) get(cache, token);
    set(cache, "new");
    expect(cache.size).toBe(10_000);
    expect(get(cache, "new")).toBeDefined();
    // Those whose mark was taken are the next to go. Had the hand gone round, all of these would push out the old ones.
    for (let index = 0; index < 2_000; index += 1) set(cache, `newer-${index}`);
    expect(all.filter((token) => get(cache, token) !== undefined).length).toBeGreaterThan(7_900);
  });

  it("replaces what it remembers of a token, and has room for another when its time is over", () => {
    const cache = new VerifiedTokenCache<Entry>(2);
    for (const token of "ab") set(cache, token);
    const anew = { token: "a" };
    cache.set(fingerprintOf("a"), anew, always);
    expect(get(cache, "a")).toBe(anew);
    expect(cache.size).toBe(2);
    forget(cache, fingerprintOf("a"));
    expect(get(cache, "a")).toBeUndefined();
    for (const token of "cd") set(cache, token);
    expect(cache.size).toBe(2);
  });

  it("holds one token if that is its bound", () => {
    const cache = new VerifiedTokenCache<Entry>(1);
    for (const token of "abab") set(cache, token);
    expect(cache.size).toBe(1);
    expect(remembered(cache, "ab")).toBe("b");
  });

  it.each([
    ["before its time", { notBefore: now + 1, notAfter: now + 10 }, false],
    ["at its first second", { notBefore: now, notAfter: now + 10 }, true],
    ["in its last second", { notBefore: 0, notAfter: now + 1 }, true],
    ["at its end", { notBefore: 0, notAfter: now }, false],
    ["that began before 1970", { notBefore: -300, notAfter: now + 1 }, true],
    ["that ends after 2106", { notBefore: 0, notAfter: 1e15 }, true],
    ["that ended before 1970", { notBefore: 0, notAfter: -1 }, false],
    ["without an end", { notBefore: 0, notAfter: Number.NaN }, false],
  ])("a token %s", (_, lifetime, holds) => {
    const cache = new VerifiedTokenCache<Entry>(10);
    set(cache, "a", lifetime);
    expect(get(cache, "a") !== undefined).toBe(holds);
    expect(cache.size).toBe(holds ? 1 : 0);
  });

  it("forgets those that a condition holds for, however they lie", () => {
    const cache = new VerifiedTokenCache<Entry>(1_000);
    const all = Array.from({ length: 1_000 }, (_, index) => `token-${index}`);
    for (const token of all) set(cache, token);
    cache.deleteWhere(({ token }) => token.endsWith("7"));
    expect(cache.size).toBe(900);
    expect(all.filter((token) => get(cache, token) === undefined)).toEqual(all.filter((token) => token.endsWith("7")));
  });

  it("finds what a Map would find, whatever was added and forgotten in between, where fingerprints begin alike", () => {
    // Few homes, the first and the last one among them: they collide and go round all the time.
    const fingerprints = fc
      .record({ home: fc.constantFrom(0, 1, 0x8000, 0xfffe, 0xffff), tail: fc.nat(9) })
      .map(({ home, tail }) => String.fromCharCode(0, home, 128, 0, 0xd800, 7, 7, tail) as TokenFingerprint);
    const step = fc.record({ what: fc.constantFrom("set", "set", "forget", "sweep"), fingerprint: fingerprints });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const cache = new VerifiedTokenCache<Entry>(1_000);
        const model = new Map<TokenFingerprint, Entry>();
        for (const { what, fingerprint } of steps) {
          if (what === "set") {
            const added = { token: fingerprint };
            cache.set(fingerprint, added, always);
            model.set(fingerprint, added);
          } else if (what === "forget") {
            forget(cache, fingerprint);
            model.delete(fingerprint);
          } else {
            const last = fingerprint.at(-1);
            cache.deleteWhere(({ token }) => token.at(-1) === last);
            for (const key of model.keys()) if (key.at(-1) === last) model.delete(key);
          }
          expect(cache.get(fingerprint, now)).toBe(model.get(fingerprint));
          expect(cache.size).toBe(model.size);
        }
        for (const [fingerprint, held] of model) expect(cache.get(fingerprint, now)).toBe(held);
      }),
    );
  });

  it("never exceeds its bound, and never gives one token for another", () => {
    const step = fc.record({ token: fc.nat(40), over: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 300 }), (bound, steps) => {
        const cache = new VerifiedTokenCache<Entry>(bound);
        for (const { token, over } of steps) {
          const name = `token-${token}`;
          if (over) forget(cache, fingerprintOf(name));
          else set(cache, name);
          expect(get(cache, name)?.token).toBe(over ? undefined : name);
          expect(cache.size).toBeLessThanOrEqual(bound);
        }
        for (let token = 0; token <= 40; token += 1) {
          expect([undefined, `token-${token}`]).toContain(get(cache, `token-${token}`)?.token);
        }
      }),
    );
  });
});
