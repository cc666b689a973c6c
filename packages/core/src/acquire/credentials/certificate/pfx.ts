import { createPrivateKey, type KeyObject } from "node:crypto";
import { createRequire } from "node:module";

/** What a PFX file holds, as far as a client credential needs it. */
export interface Pfx {
  readonly privateKey: KeyObject;
  /** Certificates in DER, in the order of the file. */
  readonly certificates: readonly Buffer[];
}

type Forge = typeof import("node-forge");
type Bag = import("node-forge").pkcs12.Bag;

/** Loaded when the first PFX file is read: most apps have none. */
function loadForge(): Forge {
  return createRequire(import.meta.url)("node-forge") as Forge;
}

/**
 * Reads the private key and the certificates of a PFX (PKCS #12) file. Node reads such files for TLS alone and does not
 * hand out what is in them.
 * @throws Error when the file is no PFX, the password is wrong, or it holds no private key
 * @see RFC 7292
 */
export function readPfx(bytes: Buffer, password: string): Pfx {
  const forge = loadForge();
  const parse = () => forge.asn1.fromDer(forge.util.createBuffer(bytes.toString("binary")));
  const pfx = open(forge, parse, password);
  const bagsOf = (oid: string | undefined): readonly Bag[] =>
    oid === undefined ? [] : (pfx.getBags({ bagType: oid })[oid] ?? []);
  const { oids } = forge.pki;
  const [keyBag] = [...bagsOf(oids.pkcs8ShroudedKeyBag), ...bagsOf(oids.keyBag)];
  if (keyBag === undefined) throw new Error("the file holds no private key");
  const toDer = (asn1: import("node-forge").asn1.Asn1) => Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary");
  // forge reads RSA itself, and leaves other kinds in ASN.1.
  const privateKey =
    keyBag.key == null
      ? createPrivateKey({ key: toDer(keyBag.asn1), format: "der", type: "pkcs8" })
      : createPrivateKey(forge.pki.privateKeyToPem(keyBag.key));
  const certificates = bagsOf(oids.certBag).map(({ cert, asn1 }) =>
    toDer(cert == null ? asn1 : forge.pki.certificateToAsn1(cert)),
  );
  return { privateKey, certificates };
}

function open(forge: Forge, parse: () => import("node-forge").asn1.Asn1, password: string) {
  try {
    return forge.pkcs12.pkcs12FromAsn1(parse(), false, password);
  } catch (error) {
    if (/MAC could not be verified/.test(String(error))) throw new Error("its password is wrong");
    if (/^[\x20-\x7e]*$/.test(password)) throw error;
  }
  // The integrity check, which has passed, takes a password as UTF-16, AES takes it as UTF-8, and forge knows one form
  // at a time: again as UTF-8, without the third element of the file, which is the check.
  const asn1 = parse();
  if (Array.isArray(asn1.value)) asn1.value.length = 2;
  return forge.pkcs12.pkcs12FromAsn1(asn1, false, forge.util.encodeUtf8(password));
}
