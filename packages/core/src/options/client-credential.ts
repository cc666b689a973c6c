/** A client secret. Certificates and federated credentials are preferable in production. */
export interface ClientSecretCredential {
  readonly sourceType: "ClientSecret";
  readonly clientSecret: string;
}

/** A signed assertion from the developer's own code: any JWT that a federated credential of the blueprint trusts. */
export interface SignedAssertionCredential {
  readonly sourceType: "SignedAssertion";
  /**
   * Called when an assertion is needed and the last one is near its end (`exp`), never on a cache hit. Returns the JWT.
   */
  readonly getAssertion: (context: SignedAssertionContext) => string | Promise<string>;
}

/** What an assertion is needed for. */
export interface SignedAssertionContext {
  /** Client id (GUID) that authenticates: `iss` and `sub` of an assertion that the client signs itself. */
  readonly clientId: string;
  /** Address of the token endpoint: `aud` of an assertion that the client signs itself. */
  readonly audience: string;
}

/** What every certificate may say. */
interface CertificateOptions {
  /** Opens the PFX file, or the private key of a PEM file. */
  readonly certificatePassword?: string | undefined;
  /** Sends the certificate along with the assertion, for apps that trust by subject name and issuer. Default false. */
  readonly sendX5c?: boolean | undefined;
}

/** A certificate in a file, read anew as it is needed, so that it can be replaced without a restart. */
export interface CertificateFileCredential extends CertificateOptions {
  readonly sourceType: "Path";
  /** PFX, or PEM with the private key or beside it. */
  readonly certificateDiskPath: string;
  /** PEM of the private key, where it is not in the certificate's file. */
  readonly privateKeyDiskPath?: string | undefined;
}

/** A certificate that stands in the configuration itself. */
export interface Base64CertificateCredential extends CertificateOptions {
  readonly sourceType: "Base64Encoded";
  /** Base64 of a PFX or PEM file with its private key. */
  readonly base64EncodedValue: string;
}

/** A certificate of Azure Key Vault. Needs `@azure/keyvault-secrets` beside this package. */
export interface KeyVaultCredential {
  readonly sourceType: "KeyVault";
  /** Such as `https://contoso.vault.azure.net`. */
  readonly keyVaultUrl: string;
  readonly keyVaultCertificateName: string;
  /** Client id (GUID) of the user-assigned managed identity that opens the vault. Default: the system-assigned one. */
  readonly managedIdentityClientId?: string | undefined;
  /** Opens the vault instead of a managed identity; any credential of `@azure/identity` will do. */
  readonly credential?: TokenCredentialLike | undefined;
  /** Options of the vault's client (`SecretClientOptions`), such as a proxy or a certificate authority of its own. */
  readonly clientOptions?: object | undefined;
  /** Sends the certificate along with the assertion, for apps that trust by subject name and issuer. Default false. */
  readonly sendX5c?: boolean | undefined;
}

/** What the clients of Azure call a token credential. */
export interface TokenCredentialLike {
  getToken(scopes: string | string[]): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** The machine's managed identity, which a federated credential of the app trusts: no secret at all. */
export interface ManagedIdentityAssertionCredential {
  readonly sourceType: "SignedAssertionFromManagedIdentity";
  /** Client id (GUID) of a user-assigned identity. Default: the system-assigned one. */
  readonly managedIdentityClientId?: string | undefined;
  /** Default `api://AzureADTokenExchange`; sovereign clouds have their own. */
  readonly tokenExchangeUrl?: string | undefined;
}

/** An assertion that something else keeps fresh in a file, as Kubernetes does for workload identity. */
export interface SignedAssertionFileCredential {
  readonly sourceType: "SignedAssertionFilePath";
  /** Default: the file that the variable `AZURE_FEDERATED_TOKEN_FILE` names. */
  readonly signedAssertionFileDiskPath?: string | undefined;
}

/** A certificate with its private key. */
export type CertificateCredential = CertificateFileCredential | Base64CertificateCredential | KeyVaultCredential;

/** How the blueprint (or ordinary app) proves itself to Entra. */
export type ClientCredential =
  | ClientSecretCredential
  | CertificateCredential
  | ManagedIdentityAssertionCredential
  | SignedAssertionFileCredential
  | SignedAssertionCredential;
