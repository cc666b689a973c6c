import type { Clock } from "../../clock.js";
import type { Logger } from "../../logger.js";
import type { ClientCredential } from "../../options/client-credential.js";
import type { ManagedIdentity } from "../managed-identity/managed-identity.js";
import { managedIdentityTokenCredential } from "../managed-identity/token-credential.js";
import { certificateSource } from "./certificate/certificate-assertion.js";
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
  const { clock, managedIdentity } = context;
  const use = (sendX5c = false) => ({ ...context, sendX5c });
  switch (credential.sourceType) {
    case "ClientSecret":
      return clientSecretSource(credential);
    case "Path":
      return certificateSource(certificateFileLoader(credential), use(credential.sendX5c));
    case "Base64Encoded": {
      const loader = base64CertificateLoader(credential, `clientCredentials.${index}.base64EncodedValue`);
      return certificateSource(loader, use(credential.sendX5c));
    }
    case "KeyVault": {
      const identity = managedIdentityTokenCredential(managedIdentity, credential.managedIdentityClientId);
      const loader = keyVaultLoader(credential, { clock, managedIdentity: identity });
      return certificateSource(loader, use(credential.sendX5c));
    }
    case "SignedAssertionFromManagedIdentity":
      return managedIdentityAssertionSource(credential, context);
    case "SignedAssertionFilePath":
      return signedAssertionFileSource(credential);
    case "SignedAssertion":
      return signedAssertionSource(credential, clock);
  }
}
