/** Hosts of the public cloud, whose regional endpoints have a domain of their own. */
const publicCloudHosts: ReadonlySet<string> = new Set([
  "login.microsoftonline.com",
  "login.windows.net",
  "login.microsoft.com",
  "sts.windows.net",
]);

/** Where the tokens of a tenant are asked for. */
export interface TenantAuthority {
  /** `{instance}/{tenant}`, with the https that msal-node insists on. */
  readonly url: string;
  readonly host: string;
  /** Origin (`https://127.0.0.1:4000`) of a loopback instance that is reached over plain http. */
  readonly plainHttpOrigin: string | undefined;
  /** Address of the token endpoint as Entra knows it: the audience of a client assertion. */
  readonly tokenEndpoint: string;
}

/** The authority of a tenant below an instance that ends with `/`. */
export function tenantAuthority(instance: URL, tenantId: string): TenantAuthority {
  const origin = `https://${instance.host}`;
  const url = `${origin}${instance.pathname}${tenantId}`;
  const scheme = instance.protocol === "http:" ? "http" : "https";
  return {
    url,
    host: instance.host,
    plainHttpOrigin: scheme === "http" ? origin : undefined,
    tokenEndpoint: `${scheme}${url.slice("https".length)}/oauth2/v2.0/token`,
  };
}

/**
 * The endpoints of a tenant, which msal-node would otherwise discover anew for every client.
 * @param region Azure region whose token endpoint is asked, as `westeurope`; `undefined` for the global one
 */
export function authorityMetadata({ url, host }: TenantAuthority, region: string | undefined): string {
  const tokenHost = region === undefined ? host : regionalHost(host, region);
  return JSON.stringify({
    authorization_endpoint: `${url}/oauth2/v2.0/authorize`,
    token_endpoint: `${url.replace(`//${host}`, `//${tokenHost}`)}/oauth2/v2.0/token`,
    issuer: `${url}/v2.0`,
    jwks_uri: `${url}/discovery/v2.0/keys`,
  });
}

/** The host of a region's token endpoint. */
export function regionalHost(host: string, region: string): string {
  return publicCloudHosts.has(host) ? `${region}.login.microsoft.com` : `${region}.${host}`;
}
