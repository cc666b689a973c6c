import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import initWabt from "wabt";
import { SipHash } from "./siphash.js";
import { siphashWasm } from "./siphash-wasm.js";

const referenceKey = Uint8Array.from({ length: 16 }, (_, index) => index);
const hexOf = (hash: string) => Buffer.from(hash, "utf16le").toString("hex");

/** SipHash-2-4-128 as the paper and its reference implementation have it, slowly. */
function reference(key: Uint8Array, message: Uint8Array): string {
  const mask = (1n << 64n) - 1n;
  const rotl = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & mask;
  const [k0, k1] = [0, 8].map((at) => Buffer.from(key).readBigUInt64LE(at)) as [bigint, bigint];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn ^ 0xeen;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = rotl(v1, 13n) ^ v0;
    v0 = rotl(v0, 32n);
    v2 = (v2 + v3) & mask;
    v3 = rotl(v3, 16n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotl(v3, 21n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotl(v1, 17n) ^ v2;
    v2 = rotl(v2, 32n);
  };
  const rounds = (count: number) => {
    for (let done = 0; done < count; done += 1) round();
  };
  const padded = Buffer.alloc(Math.floor(message.length / 8) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 255;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  const result = Buffer.alloc(16);
  v2 ^= 0xeen;
  rounds(4);
  result.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 0);
  v1 ^= 0xddn;
  rounds(4);
  result.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 8);
  return result.toString("hex");
}

describe("SipHash", () => {
  it.each([
    [0, "a3817f04ba25a8e66df67214c7550293"],
    [1, "da87c1d86b99af44347659119b22fc45"],
    [2, "8177228da4a45dc7fca38bdef60affe4"],
    [7, "a1f1ebbed8dbc153c0b84aa61ff08239"],
    [8, "3b62a9ba6258f5610f83e264f31497b4"],
    [9, "264499060ad9baabc47f8b02bb6d71ed"],
    [15, "5493e99933b0a8117e08ec0f97cfc3d9"],
    [16, "6ee2a4ca67b054bbfd3315bf85230577"],
    [63, "5150d1772f50834a503e069a973fbd7c"],
  ])("gives the vector of its authors for %i bytes", (length, vector) => {
    const message = Uint8Array.from({ length }, (_, index) => index);
    expect(hexOf(new SipHash(referenceKey).hash(Buffer.from(message).toString("latin1")))).toBe(vector);
    expect(reference(referenceKey, message)).toBe(vector);
  });

  it("agrees with the slow implementation for every key and text, one after the other", () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 250, maxLength: 300 })));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), texts, (key, all) => {
        const sipHash = new SipHash(key);
        for (const text of all) expect(hexOf(sipHash.hash(text))).toBe(reference(key, Buffer.from(text)));
      }),
    );
  });

  it("takes texts that are longer than its memory was", () => {
    const sipHash = new SipHash(referenceKey);
    const before = sipHash.hash("short");
    for (const length of [21_000, 21_820, 65_000, 500_000]) {
      for (const character of ["a", "€"]) {
        const text = character.repeat(length);
        expect(hexOf(sipHash.hash(text))).toBe(reference(referenceKey, Buffer.from(text)));
      }
    }
    expect(sipHash.hash("short")).toBe(before);
  });

  it("tells texts apart that look alike in one byte a character", () => {
    const sipHash = new SipHash(referenceKey);
    expect(sipHash.hash("\u0141")).not.toBe(sipHash.hash("A"));
    expect(sipHash.hash("a\0")).not.toBe(sipHash.hash("a"));
  });

  it("is what siphash.wat says", async () => {
    const wat = readFileSync(join(import.meta.dirname, "siphash.wat"), "utf8");
    const module = (await initWabt()).parseWat("siphash.wat", wat);
    const wasm = Buffer.from(module.toBinary({}).buffer).toString("base64");
    if (process.env.UPDATE_WASM === "1") {
      const text = `/** \`siphash.wat\`, assembled; base64. Its test writes this file. */\nexport const siphashWasm =\n  "${wasm}";\n`;
      writeFileSync(join(import.meta.dirname, "siphash-wasm.ts"), text);
    }
    expect(siphashWasm).toBe(wasm);
  });
});
