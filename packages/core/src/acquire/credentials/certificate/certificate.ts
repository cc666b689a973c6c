import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readPfx } from "./pfx.js";

/** A certificate with its private key, ready to sign. */
export interface Certificate {
  readonly privateKey: KeyObject;
  /** SHA-256 of the certificate, base64url: `x5t#S256`. */
  readonly thumbprint: string;
  /** The certificate and those that issued it, base64 of DER: `x5c`. */
  readonly chain: readonly string[];
  /** For messages. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Where the private key is, when it is not in the same place as the certificate, and what opens it. */
export interface CertificateSecrets {
  readonly password: string | undefined;
  /** PEM of the private key. */
  readonly privateKeyPem?: string | undefined;
}

/**
 * Reads a certificate with its private key, from PEM or PFX by what it is.
 * @throws Error that says what is wrong with it; it holds nothing of the key or the password
 */
export function readCertificate(bytes: Buffer, secrets: CertificateSecrets): Certificate {
  const { privateKey, certificates } = isPem(bytes)
    ? readPem(bytes.toString("latin1"), secrets)
    : openPfx(bytes, secrets);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(privateKey));
  if (own === undefined) throw new Error("no certificate in it belongs to the private key");
  if (privateKey.asymmetricKeyType !== "rsa") throw new Error("its key is not RSA, which is what Entra takes");
  const others = certificates.filter((certificate) => certificate !== own);
  return {
    privateKey,
    thumbprint: Buffer.from(own.fingerprint256.replaceAll(":", ""), "hex").toString("base64url"),
    chain: [own, ...others].map(({ raw }) => raw.toString("base64")),
    subject: own.subject.replaceAll("\n", ", "),
    notBefore: Date.parse(own.validFrom),
    notAfter: Date.parse(own.validTo),
  };
}

interface KeyAndCertificates {
  readonly privateKey: KeyObject;
  readonly certificates: readonly X509Certificate[];
}

function isPem(bytes: Buffer): boolean {
  return bytes.subarray(0, 64 * 1024).includes("-----BEGIN ");
}

function readPem(text: string, { password, privateKeyPem }: CertificateSecrets): KeyAndCertificates {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new Error("it holds no certificate");
  const keyPem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(
    privateKeyPem ?? text,
  );
  if (keyPem === null)
    throw new Error("it holds no private key; put it into the same file, or name privateKeyDiskPath");
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: keyPem[0], ...(password !== undefined && { passphrase: password }) });
  } catch {
    throw new Error("its private key cannot be read; check certificatePassword");
  }
  return { privateKey, certificates: certificates.map((pem) => new X509Certificate(pem)) };
}

function openPfx(bytes: Buffer, { password = "" }: CertificateSecrets): KeyAndCertificates {
  try {
    const { privateKey, certificates } = readPfx(bytes, password);
    return { privateKey, certificates: certificates.map((der) => new X509Certificate(der)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is damaged";
    throw new Error(`it is neither PEM nor a PFX file that opens: ${why}; check certificatePassword`);
  }
}
