import { readFile } from "node:fs/promises";
import { AgentAuthError } from "../../../errors/agent-auth-error.js";
import type { Base64CertificateCredential, CertificateFileCredential } from "../../../options/client-credential.js";
import { readCertificate } from "./certificate.js";
import type { CertificateLoader } from "./certificate-assertion.js";

/** A certificate in a file, read anew whenever one is needed. */
export function certificateFileLoader(options: CertificateFileCredential): CertificateLoader {
  const { sourceType, certificateDiskPath, privateKeyDiskPath, certificatePassword } = options;
  return {
    kind: sourceType,
    place: certificateDiskPath,
    load: async () => {
      const bytes = await read(certificateDiskPath, "certificateDiskPath");
      const privateKeyPem =
        privateKeyDiskPath === undefined
          ? undefined
          : (await read(privateKeyDiskPath, "privateKeyDiskPath")).toString("latin1");
      return naming(certificateDiskPath, () =>
        readCertificate(bytes, { password: certificatePassword, privateKeyPem }),
      );
    },
  };
}

/**
 * A certificate that stands in the options, base64 of PFX or PEM.
 * @param key the option's name, for the error
 * @throws AgentAuthError `options_invalid` when it cannot be read
 */
export function base64CertificateLoader(options: Base64CertificateCredential, key: string): CertificateLoader {
  const { sourceType, base64EncodedValue, certificatePassword } = options;
  try {
    const bytes = Buffer.from(base64EncodedValue, "base64");
    const certificate = readCertificate(bytes, { password: certificatePassword });
    return { kind: sourceType, place: key, load: () => Promise.resolve(certificate) };
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is damaged";
    throw new AgentAuthError("options_invalid", {
      detail: `agent-auth options: ${key} must be the base64 of a PFX or PEM file with a private key: ${why}`,
    });
  }
}

async function read(path: string, key: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new Error(`${path} cannot be read (${reason}); check ${key}`);
  }
}

/** Runs a reader, and puts the place before what it complains of. */
export function naming<Result>(place: string, reader: () => Result): Result {
  try {
    return reader();
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : "it is damaged"}`);
  }
}
