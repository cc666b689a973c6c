import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { type DerElement, derObjectIdentifier, derTag, expectDer, readDer } from "./der.js";
import { iterationsOf, pkcs12Key } from "./pkcs12-key.js";

const pbes2 = "1.2.840.113549.1.5.13";
const pbeWithSha1And3Des = "1.2.840.113549.1.12.1.3";

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};

const digests: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

/**
 * Decrypts what a PKCS #12 file encrypts with its password: PBES2 with AES, as today's tools write it, or the older
 * SHA-1 with 3DES.
 * @throws Error when the algorithm is another, or the password is wrong
 * @see RFC 8018 section 6.2, RFC 7292 appendix B
 */
export function decryptPkcs12(algorithm: DerElement, ciphertext: Buffer, password: string): Buffer {
  const parts = readDer(algorithm.content);
  const name = derObjectIdentifier(expectDer(parts, 0, derTag.objectIdentifier));
  const parameters = readDer(expectDer(parts, 1, derTag.sequence).content);
  const { cipher, key, iv } =
    name === pbes2
      ? pbes2Key(parameters, password)
      : name === pbeWithSha1And3Des
        ? pbeKey(parameters, password)
        : unsupported(name);
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new Error("the password is wrong, or the file is damaged");
  }
}

interface DerivedKey {
  readonly cipher: string;
  readonly key: Buffer;
  readonly iv: Buffer;
}

function pbes2Key(parameters: readonly DerElement[], password: string): DerivedKey {
  const derivation = readDer(expectDer(parameters, 0, derTag.sequence).content);
  const scheme = readDer(expectDer(parameters, 1, derTag.sequence).content);
  const pbkdf2 = readDer(expectDer(derivation, 1, derTag.sequence).content);
  const salt = expectDer(pbkdf2, 0, derTag.octetString).content;
  const iterations = iterationsOf(expectDer(pbkdf2, 1, derTag.integer));
  const prf = pbkdf2.find(({ tag }) => tag === derTag.sequence);
  const prfName =
    prf === undefined ? undefined : derObjectIdentifier(expectDer(readDer(prf.content), 0, derTag.objectIdentifier));
  const digest = prfName === undefined ? "sha1" : (digests[prfName] ?? unsupported(prfName));
  const cipherName = derObjectIdentifier(expectDer(scheme, 0, derTag.objectIdentifier));
  const cipher = ciphers[cipherName] ?? unsupported(cipherName);
  return {
    cipher: cipher.name,
    key: pbkdf2Sync(password, salt, iterations, cipher.keyBytes, digest),
    iv: expectDer(scheme, 1, derTag.octetString).content,
  };
}

function pbeKey(parameters: readonly DerElement[], password: string): DerivedKey {
  const salt = expectDer(parameters, 0, derTag.octetString).content;
  const iterations = iterationsOf(expectDer(parameters, 1, derTag.integer));
  return {
    cipher: "des-ede3-cbc",
    key: pkcs12Key({ digest: "sha1", password, salt, iterations, purpose: "key", length: 24 }),
    iv: pkcs12Key({ digest: "sha1", password, salt, iterations, purpose: "iv", length: 8 }),
  };
}

function unsupported(algorithm: string): never {
  throw new Error(`the file is encrypted with ${algorithm}, which is not supported; export it anew with AES-256`);
}
