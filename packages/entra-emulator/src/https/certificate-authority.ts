import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** A server certificate and the certificate of the authority that signed it, in PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;

/**
 * Creates a certificate authority of its own for one emulator and a server certificate for these hosts. The authority's
 * private key is thrown away, so that whoever trusts it trusts this one certificate.
 *
 * @param hosts names and addresses
 */
export async function createServerCertificate(hosts: readonly string[]): Promise<ServerCertificate> {
  // Loaded here, because only https needs it.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const usages: ("sign" | "verify")[] = ["sign", "verify"];
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, usages);
  const serverKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, usages);
  // Backdated, so that a client whose clock is a little behind accepts it.
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };

  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Entra emulator CA",
    ...validity,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=Entra emulator",
    issuer: authority.subject,
    ...validity,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) ? ("ip" as const) : ("dns" as const), value: host })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey));
  return {
    key: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
      .export({ format: "pem", type: "pkcs8" })
      .toString(),
    cert: `${server.toString("pem")}\n${authority.toString("pem")}\n`,
    ca: `${authority.toString("pem")}\n`,
  };
}

function serialNumber(): string {
  // The first bit stays clear, since serial numbers are signed and must be positive.
  return `4${randomBytes(16).toString("hex").slice(1)}`;
}
