import type { ClientSecretCredential } from "../../options/client-credential.js";
import type { CredentialSource } from "./credential-source.js";

/** A client secret, as it is. */
export function clientSecretSource({ sourceType, clientSecret }: ClientSecretCredential): CredentialSource {
  const credential = Promise.resolve({ clientSecret });
  return { kind: sourceType, load: () => credential };
}
