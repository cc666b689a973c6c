import { type ConfigurationEntry, type ConfigurationSources, readConfiguration } from "@agent-auth/core";

/** Sections that are agent-auth's. */
export const sections = ["AzureAd", "DownstreamApis", "Sidecar", "TokenCache", "Kestrel", "Logging"] as const;

/** Keys outside of those sections. */
const ownKeys = ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "NODE_ENV", "URLS", "PORT"];

/** What holds where nothing is configured. */
const defaults: Readonly<Record<string, string>> = {
  "AzureAd:Instance": "https://login.microsoftonline.com/",
  "Sidecar:AllowOverrides:GetAuthorizationHeader": "true",
  "Sidecar:AllowOverrides:GetAuthorizationHeaderUnauthenticated": "false",
  "Sidecar:AllowOverrides:CallDownstreamApi": "true",
  "Sidecar:AllowOverrides:CallDownstreamApiUnauthenticated": "false",
  "Sidecar:AllowOutboundRedirects": "false",
  "Sidecar:MaxResponseBodySize": "30000000",
  "Sidecar:Metrics": "false",
  "Kestrel:Limits:MaxRequestBodySize": "30000000",
  "Logging:LogLevel:Default": "Information",
  "TokenCache:EnableDistributedCache": "false",
};

/** Keys whose values are secret, or may hold one. */
const secret = /secret|password|base64encodedvalue|connection|assertion$|privatekey|apikey/i;

/** Every value in effect, by key, and where it came from. Secrets are masked. */
export function effectiveConfiguration(sources: ConfigurationSources = {}): readonly ConfigurationEntry[] {
  const configuration = readConfiguration(sources);
  const configured = [
    ...sections.flatMap((name) => configuration.section(name).entries()),
    ...configuration.entries().filter(({ key }) => ownKeys.includes(key.toUpperCase())),
  ].map((entry) => (secret.test(entry.key) ? { ...entry, value: "********" } : entry));
  const known = new Set(configured.map(({ key }) => key.toLowerCase()));
  const others = Object.entries(defaults)
    .filter(([key]) => !known.has(key.toLowerCase()))
    .map(([key, value]) => ({ key, value, source: "default" }));
  return [...configured, ...others];
}
