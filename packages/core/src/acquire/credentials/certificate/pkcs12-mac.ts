import { createHmac, timingSafeEqual } from "node:crypto";
import { type DerElement, derObjectIdentifier, derTag, expectDer, readDer } from "./der.js";
import { iterationsOf, pkcs12Key } from "./pkcs12-key.js";

const digests: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  "1.3.14.3.2.26": { name: "sha1", bytes: 20 },
  "2.16.840.1.101.3.4.2.1": { name: "sha256", bytes: 32 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", bytes: 48 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", bytes: 64 },
};

/**
 * Checks that a PFX file is whole, by its message authentication code, which also tells a wrong password. A file without
 * a code, or with one of a kind that is not known here, passes: decrypting it will tell.
 * @throws Error when the code does not match
 * @see RFC 7292 section 4
 */
export function verifyPkcs12Mac(macData: DerElement | undefined, authSafe: Buffer, password: string): void {
  if (macData === undefined) return;
  const parts = readDer(macData.content);
  const digestInfo = readDer(expectDer(parts, 0, derTag.sequence).content);
  const algorithm = readDer(expectDer(digestInfo, 0, derTag.sequence).content);
  const digest = digests[derObjectIdentifier(expectDer(algorithm, 0, derTag.objectIdentifier))];
  if (digest === undefined) return;
  const salt = expectDer(parts, 1, derTag.octetString).content;
  const iterations = parts[2] === undefined ? 1 : iterationsOf(parts[2]);
  const key = pkcs12Key({ digest: digest.name, password, salt, iterations, purpose: "mac", length: digest.bytes });
  const expected = expectDer(digestInfo, 1, derTag.octetString).content;
  const actual = createHmac(digest.name, key).update(authSafe).digest();
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new Error("the password is wrong, or the file is damaged");
  }
}
