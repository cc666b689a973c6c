import type { Clock } from "../../clock.js";
import type { Logger } from "../../logger.js";
import type { CertificateCredential, ClientCredential } from "../../options/client-credential.js";
import type { ManagedIdentity } from "../managed-identity/managed-identity.js";
import { managedIdentityTokenCredential } from "../managed-identity/token-credential.js";
import { type CertificateLoader, certificateSource } from "./certificate/certificate-assertion.js";
import { base64CertificateLoader, certificateFileLoader } from "./certificate/certificate-loaders.js";
import { keyVaultLoader } from "./certificate/key-vault-loader.js";
import { clientSecretSource } from "./client-secret.js";
import type { CredentialSource } from "./credential-source.js";
import { managedIdentityAssertionSource } from "./managed-identity-assertion.js";
import { signedAssertionSource } from "./signed-assertion.js";
import { signedAssertionFileSource } from "./signed-assertion-file.js";

/** What sources are made with. */
export interface SourceContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly managedIdentity: ManagedIdentity;
}

/**
 * The sources of the configured credentials, in their order.
 * @throws AgentAuthError `options_invalid` for a certificate in the options that cannot be read
 */
export function createCredentialSources(
  credentials: readonly ClientCredential[],
  context: SourceContext,
): CredentialSource[] {
  return credentials.map((credential, index) => createSource(credential, index, context));
}

function createSource(credential: ClientCredential, index: number, context: SourceContext): CredentialSource {
  switch (credential.sourceType) {
    case "ClientSecret":
      return clientSecretSource(credential);
    case "Path":
    case "Base64Encoded":
    case "KeyVault": {
      const loader = createCertificateLoader(credential, `clientCredentials.${index}`, context);
      return certificateSource(loader, { ...context, sendX5c: credential.sendX5c ?? false });
    }
    case "SignedAssertionFromManagedIdentity":
      return managedIdentityAssertionSource(credential, context);
    case "SignedAssertionFilePath":
      return signedAssertionFileSource(credential);
    case "SignedAssertion":
      return signedAssertionSource(credential, context.clock);
  }
}

/**
 * Where a configured certificate comes from.
 * @param key of the credential in the options, for errors
 * @throws AgentAuthError `options_invalid` for a certificate in the options that cannot be read
 */
export function createCertificateLoader(
  credential: CertificateCredential,
  key: string,
  { clock, managedIdentity }: Pick<SourceContext, "clock" | "managedIdentity">,
): CertificateLoader {
  switch (credential.sourceType) {
    case "Path":
      return certificateFileLoader(credential);
    case "Base64Encoded":
      return base64CertificateLoader(credential, `${key}.base64EncodedValue`);
    case "KeyVault":
      return keyVaultLoader(credential, {
        clock,
        managedIdentity: managedIdentityTokenCredential(managedIdentity, credential.managedIdentityClientId),
      });
  }
}
