import { readFile } from "node:fs/promises";
import type { SignedAssertionFileCredential } from "../../options/client-credential.js";
import type { CredentialSource } from "./credential-source.js";

/**
 * An assertion that something else keeps fresh in a file, as Kubernetes does with a projected service account token.
 * The file is read whenever a token is asked for, because it rotates.
 */
export function signedAssertionFileSource(options: SignedAssertionFileCredential): CredentialSource {
  return {
    kind: options.sourceType,
    load: async () => {
      const path = options.signedAssertionFileDiskPath ?? process.env.AZURE_FEDERATED_TOKEN_FILE;
      if (path === undefined || path === "") {
        throw new Error("no file is named; set signedAssertionFileDiskPath or AZURE_FEDERATED_TOKEN_FILE");
      }
      const clientAssertion = (await readText(path)).trim();
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(clientAssertion)) throw new Error(`${path} holds no signed assertion (JWT)`);
      return { clientAssertion };
    },
    // Nothing is kept: being asked again is enough.
    forget: () => {},
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new Error(`${path} cannot be read (${reason}); check signedAssertionFileDiskPath`);
  }
}
