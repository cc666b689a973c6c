import { createHash } from "node:crypto";
import { type DerElement, derInteger } from "./der.js";

/** Most iterations that a file may demand: what exporters use is a hundredth of it. */
const maxIterations = 10_000_000;
const purposes = { key: 1, iv: 2, mac: 3 } as const;

/** Digests, with the bytes of their blocks. */
const blockBytes: Readonly<Record<string, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** What a key of a PKCS #12 file is derived from. */
export interface Pkcs12KeyInit {
  readonly digest: string;
  readonly password: string;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly purpose: keyof typeof purposes;
  /** Bytes. */
  readonly length: number;
}

/** The key derivation of PKCS #12. @see RFC 7292 appendix B.2 */
export function pkcs12Key(init: Pkcs12KeyInit): Buffer {
  const { digest: name, iterations, length } = init;
  const block = blockBytes[name] ?? 64;
  const diversifier = Buffer.alloc(block, purposes[init.purpose]);
  // BMPString: UTF-16, big-endian, with its terminator.
  const secret = Buffer.from(`${init.password}\0`, "utf16le").swap16();
  const material = Buffer.concat([fill(init.salt, block), fill(secret, block)]);
  const output: Buffer[] = [];
  for (let produced = 0; produced < length; produced += output[0]?.length ?? length) {
    let digest = createHash(name).update(diversifier).update(material).digest();
    for (let round = 1; round < iterations; round++) digest = createHash(name).update(digest).digest();
    output.push(digest);
    const addend = Buffer.alloc(block, digest);
    for (let offset = 0; offset < material.length; offset += block) {
      addOne(material.subarray(offset, offset + block), addend);
    }
  }
  return Buffer.concat(output).subarray(0, length);
}

/** How often a derivation is repeated. @throws RangeError when a file demands more than any exporter writes */
export function iterationsOf(element: DerElement): number {
  const iterations = derInteger(element);
  if (iterations < 1 || iterations > maxIterations) throw new RangeError("the file demands too many iterations");
  return iterations;
}

/** Repeats bytes up to a multiple of the block size. */
function fill(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** target = target + addend + 1, as big-endian numbers, in place. */
function addOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let index = target.length - 1; index >= 0; index--) {
    const sum = (target[index] as number) + (addend[index] as number) + carry;
    target[index] = sum & 0xff;
    carry = sum >> 8;
  }
}
