/** Keys that are read; `*` stands for one name or number. A list is also read from numbered keys below it. */
const knownKeys: readonly string[] = [
  ...["Instance", "TenantId", "ClientId", "Audience", "Audiences", "Scopes", "AgentIdentity"],
  ...["AllowedAgentIdentities", "AllowedTenants", "AzureRegion", "ClientCapabilities"],
  ...["ClientCredentials:*", "TokenDecryptionCredentials:*"].flatMap((list) =>
    [
      "SourceType",
      "ClientSecret",
      "CertificateDiskPath",
      "PrivateKeyDiskPath",
      "SendX5c",
      "TokenExchangeUrl",
      "CertificatePassword",
      "Base64EncodedValue",
      "KeyVaultUrl",
      "KeyVaultCertificateName",
      "ManagedIdentityClientId",
      "SignedAssertionFileDiskPath",
      "SignedAssertionFilePath",
      "CertificateStorePath",
      "CertificateThumbprint",
      "CertificateDistinguishedName",
    ].map((key) => `${list}:${key}`),
  ),
]
  .map((key) => `AzureAd:${key}`)
  .concat(
    [
      "BaseUrl",
      "Scopes",
      "AppScopes",
      "RelativePath",
      "HttpMethod",
      "AcceptHeader",
      "ContentType",
      "RequestAppToken",
      "AgentIdentity",
      "ManagedIdentity",
      "ExtraHeaderParameters:*",
      "ExtraQueryParameters:*",
      "AcquireTokenOptions:*",
      "AcquireTokenOptions:*:*",
    ].map((key) => `DownstreamApis:*:${key}`),
    ["GetAuthorizationHeader", "GetAuthorizationHeaderUnauthenticated", "CallDownstreamApi"]
      .concat("CallDownstreamApiUnauthenticated")
      .map((gate) => `Sidecar:AllowOverrides:${gate}`),
    ["AllowOutboundRedirects", "MaxResponseBodySize", "Metrics"].map((key) => `Sidecar:${key}`),
    ["TokenCache:EnableDistributedCache", "TokenCache:RedisConnection", "Kestrel:Limits:MaxRequestBodySize"],
    ["Logging:LogLevel:*"],
  );

/** Whether a key such as `AzureAd:TenantId` is read, in any case. */
export function isKnownKey(key: string): boolean {
  const names = key
    .toLowerCase()
    .replace(/:\d+$/, (number) => (isKnownList(key) ? "" : number))
    .split(":");
  return knownKeys.some((known) => {
    const pattern = known.toLowerCase().split(":");
    return pattern.length === names.length && pattern.every((part, index) => part === "*" || part === names[index]);
  });
}

function isKnownList(key: string): boolean {
  return /(^|:)(audiences|scopes|appscopes|allowedagentidentities|allowedtenants|clientcapabilities):\d+$/i.test(key);
}

/** The known key that a misspelt one most likely means. */
export function closestKey(key: string): string | undefined {
  const names = key.split(":");
  const candidates = knownKeys
    .map((known) => known.split(":"))
    .filter((known) => known.length === names.length)
    .map((known) => known.map((part, index) => (part === "*" ? (names[index] as string) : part)).join(":"))
    .map((known) => ({ known, distance: distanceOf(known.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = candidates;
  return best !== undefined && best.distance <= 3 ? best.known : undefined;
}

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const substituted = (row[j] as number) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
