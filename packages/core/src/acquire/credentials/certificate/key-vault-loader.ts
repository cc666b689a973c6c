import type { Clock } from "../../../clock.js";
import { isLoopbackHost } from "../../../loopback.js";
import type { KeyVaultCredential, TokenCredentialLike } from "../../../options/client-credential.js";
import type { Certificate } from "./certificate.js";
import { readCertificate } from "./certificate.js";
import type { CertificateLoader } from "./certificate-assertion.js";
import { naming } from "./certificate-loaders.js";

/** How long a certificate of the vault is used before it is fetched again, in milliseconds. */
const keepMs = 60 * 60 * 1000;

/**
 * A certificate of Azure Key Vault, fetched with its private key from the secret of the same name. The vault's client,
 * `@azure/keyvault-secrets`, is an optional peer dependency that is loaded here and nowhere else.
 * @param managedIdentity what opens the vault when the options name no `credential`
 */
export function keyVaultLoader(
  options: KeyVaultCredential,
  { clock, managedIdentity }: { readonly clock: Clock; readonly managedIdentity: TokenCredentialLike },
): CertificateLoader {
  const { sourceType, keyVaultUrl, keyVaultCertificateName, credential = managedIdentity } = options;
  const place = `${keyVaultUrl.replace(/\/$/, "")}/certificates/${keyVaultCertificateName}`;
  let kept: { readonly certificate: Certificate; readonly until: number } | undefined;
  return {
    kind: sourceType,
    place,
    load: async () => {
      if (kept !== undefined && kept.until > clock()) return kept.certificate;
      const { SecretClient } = await loadKeyVault();
      const loopback = isLoopbackHost(new URL(keyVaultUrl).hostname);
      const client = new SecretClient(keyVaultUrl, credential, {
        retryOptions: { maxRetries: 2, maxRetryDelayInMs: 1_000 },
        // A vault's challenge must name its own domain; a fake on this machine has none.
        disableChallengeResourceVerification: loopback,
        ...options.clientOptions,
      });
      const { value = "", properties } = await client.getSecret(keyVaultCertificateName);
      const bytes = Buffer.from(value, properties.contentType === "application/x-pem-file" ? "latin1" : "base64");
      const certificate = naming(place, () => readCertificate(bytes, { password: undefined }));
      kept = { certificate, until: clock() + keepMs };
      return certificate;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

async function loadKeyVault(): Promise<typeof import("@azure/keyvault-secrets")> {
  try {
    return await import("@azure/keyvault-secrets");
  } catch {
    throw new Error("@azure/keyvault-secrets is not installed; add it to the app's dependencies");
  }
}
