import "reflect-metadata";
import { createHash, createPrivateKey, type KeyObject, webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";

/** A self-signed client certificate, as a person registers one. */
export interface ClientCertificate {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly x5t: string;
  readonly x5tS256: string;
}

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

export async function createClientCertificate(): Promise<ClientCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=client",
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const der = Buffer.from(certificate.rawData);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    pem: certificate.toString("pem"),
    privateKey: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }),
    x5t: createHash("sha1").update(der).digest("base64url"),
    x5tS256: createHash("sha256").update(der).digest("base64url"),
  };
}
