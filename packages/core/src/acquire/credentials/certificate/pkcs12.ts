import { createPrivateKey, type KeyObject } from "node:crypto";
import { type DerElement, derObjectIdentifier, derOctets, derTag, expectDer, readDer } from "./der.js";
import { decryptPkcs12 } from "./pkcs12-decrypt.js";
import { verifyPkcs12Mac } from "./pkcs12-mac.js";

const data = "1.2.840.113549.1.7.1";
const encryptedData = "1.2.840.113549.1.7.6";
const keyBag = "1.2.840.113549.1.12.10.1.1";
const shroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
const certBag = "1.2.840.113549.1.12.10.1.3";

/** What a PFX file holds, as far as a client credential needs it. */
export interface Pkcs12 {
  readonly privateKey: KeyObject;
  /** Certificates in DER, in the order of the file. */
  readonly certificates: readonly Buffer[];
}

/**
 * Reads the private key and the certificates of a PFX (PKCS #12) file. Node reads such files for TLS alone and does not
 * hand out what is in them.
 * @throws Error when the file is no PFX, the password is wrong, or it holds no private key
 * @see RFC 7292
 */
export function readPkcs12(bytes: Buffer, password: string): Pkcs12 {
  const pfx = readDer(expectDer(readDer(bytes), 0, derTag.sequence).content);
  const authSafe = readDer(expectDer(pfx, 1, derTag.sequence).content);
  if (contentType(authSafe) !== data)
    throw new RangeError("the file is not protected by a password but by a signature");
  const safe = explicitOctets(authSafe[1]);
  verifyPkcs12Mac(pfx[2], safe, password);
  const contents = readDer(expectDer(readDer(safe), 0, derTag.sequence).content);
  let privateKey: KeyObject | undefined;
  const certificates: Buffer[] = [];
  for (const content of contents) {
    for (const bag of readDer(expectDer(readDer(safeContents(content, password)), 0, derTag.sequence).content)) {
      const [id, value] = readDer(bag.content);
      if (id === undefined || value === undefined) continue;
      switch (derObjectIdentifier(id)) {
        case keyBag:
          privateKey ??= createPrivateKey({ key: value.content, format: "der", type: "pkcs8" });
          break;
        case shroudedKeyBag:
          privateKey ??= openKey(value.content, password);
          break;
        case certBag:
          certificates.push(certificateOf(value));
          break;
      }
    }
  }
  if (privateKey === undefined) throw new Error("the file holds no private key");
  return { privateKey, certificates };
}

function contentType(contentInfo: readonly DerElement[]): string {
  return derObjectIdentifier(expectDer(contentInfo, 0, derTag.objectIdentifier));
}

/** The octets inside an explicit tag around an octet string. */
function explicitOctets(element: DerElement | undefined): Buffer {
  const inner = element === undefined ? undefined : readDer(element.content)[0];
  if (inner === undefined) throw new RangeError("the file is not encoded as expected");
  return derOctets(inner);
}

function safeContents(content: DerElement, password: string): Buffer {
  const contentInfo = readDer(content.content);
  const type = contentType(contentInfo);
  if (type === data) return explicitOctets(contentInfo[1]);
  if (type !== encryptedData) throw new Error("the file holds contents of an unknown kind");
  const encrypted = readDer(expectDer(readDer(contentInfo[1]?.content ?? Buffer.alloc(0)), 0, derTag.sequence).content);
  const [, algorithm, ciphertext] = readDer(expectDer(encrypted, 1, derTag.sequence).content);
  if (algorithm === undefined || ciphertext === undefined) throw new RangeError("the file is not encoded as expected");
  return decryptPkcs12(algorithm, derOctets(ciphertext), password);
}

function openKey(encrypted: Buffer, password: string): KeyObject {
  const [algorithm, ciphertext] = readDer(expectDer(readDer(encrypted), 0, derTag.sequence).content);
  if (algorithm === undefined || ciphertext === undefined) throw new RangeError("the file is not encoded as expected");
  const key = decryptPkcs12(algorithm, derOctets(ciphertext), password);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function certificateOf(value: DerElement): Buffer {
  const [, certificate] = readDer(expectDer(readDer(value.content), 0, derTag.sequence).content);
  return explicitOctets(certificate);
}
