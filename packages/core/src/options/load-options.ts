import type { AgentAuthOptions } from "./agent-auth-options.js";
import { type ConfigurationSection, type ConfigurationSources, readConfiguration } from "./configuration.js";

/**
 * Reads options as the Entra SDK does: `appsettings.json`, then `appsettings.{environment}.json`, then variables such
 * as `AzureAd__TenantId`; the later wins, names are case-insensitive. Functions, such as a resolver, are added by the
 * caller: `createAgentAuth({ ...loadOptions(), agentIdentity })`.
 * @throws AgentAuthError `options_invalid` for a file that is no JSON or a value of the wrong kind
 * @see https://learn.microsoft.com/entra/msidweb/agent-id-sdk/configuration
 */
export function loadOptions(sources: ConfigurationSources = {}): AgentAuthOptions {
  return optionsOf(readConfiguration(sources));
}

function optionsOf(root: ConfigurationSection): AgentAuthOptions {
  const azureAd = root.section("AzureAd");
  const audience = azureAd.text("Audience");
  const options = {
    instance: azureAd.text("Instance"),
    tenantId: azureAd.text("TenantId"),
    clientId: azureAd.text("ClientId"),
    audiences: audience === undefined ? azureAd.list("Audiences") : [audience],
    clientCredentials: azureAd.sections("ClientCredentials")?.map(([, section]) => credentialOf(section)),
    tokenDecryptionCredentials: azureAd
      .sections("TokenDecryptionCredentials")
      ?.map(([, section]) => credentialOf(section)),
    allowedTenants: azureAd.list("AllowedTenants"),
    agentIdentity: azureAd.text("AgentIdentity"),
    allowedAgentIdentities: azureAd.list("AllowedAgentIdentities"),
    azureRegion: azureAd.text("AzureRegion"),
    clientCapabilities: azureAd.list("ClientCapabilities"),
    downstreamApis: Object.fromEntries(
      root.sections("DownstreamApis")?.map(([name, section]) => [name, downstreamApiOf(section)]) ?? [],
    ),
  };
  // The schema of createAgentAuth checks what is here, and names the key of what is missing or wrong.
  return withoutUndefined(options) as unknown as AgentAuthOptions;
}

function credentialOf(section: ConfigurationSection): object {
  return withoutUndefined({
    sourceType: section.text("SourceType"),
    clientSecret: section.text("ClientSecret"),
    certificateDiskPath: section.text("CertificateDiskPath"),
    privateKeyDiskPath: section.text("PrivateKeyDiskPath"),
    base64EncodedValue: section.text("Base64EncodedValue"),
    certificatePassword: section.text("CertificatePassword"),
    sendX5c: section.flag("SendX5c"),
    keyVaultUrl: section.text("KeyVaultUrl"),
    keyVaultCertificateName: section.text("KeyVaultCertificateName"),
    managedIdentityClientId: section.text("ManagedIdentityClientId"),
    tokenExchangeUrl: section.text("TokenExchangeUrl"),
    signedAssertionFileDiskPath: section.text("SignedAssertionFileDiskPath") ?? section.text("SignedAssertionFilePath"),
  });
}

function downstreamApiOf(section: ConfigurationSection): object {
  return withoutUndefined({
    baseUrl: section.text("BaseUrl"),
    scopes: section.list("Scopes"),
    appScopes: section.list("AppScopes"),
    relativePath: section.text("RelativePath"),
    httpMethod: section.text("HttpMethod"),
    acceptHeader: section.text("AcceptHeader"),
    contentType: section.text("ContentType"),
    extraHeaderParameters: parametersOf(section, "ExtraHeaderParameters"),
    extraQueryParameters: parametersOf(section, "ExtraQueryParameters"),
    requestAppToken: section.flag("RequestAppToken"),
    agentIdentity: section.text("AgentIdentity"),
    tenantId: section.section("AcquireTokenOptions").text("Tenant"),
    managedIdentity: section.section("AcquireTokenOptions").section("ManagedIdentity").text("UserAssignedClientId"),
  });
}

/** Name and value of each parameter in a section, or `undefined` when there is none. */
function parametersOf(section: ConfigurationSection, name: string): Record<string, string> | undefined {
  const entries = section.section(name).entries();
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(({ key, value }) => [key.slice(key.lastIndexOf(":") + 1), value]));
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
