import { isGuid } from "../guid.js";
import type { JsonFetcher } from "../http/fetch-json.js";

/** What a tenant's OpenID configuration says, as far as it is used here. */
export interface AuthorityMetadata {
  /** Exact issuer, or a template with `{tenantid}` on multi-tenant endpoints. */
  readonly issuer: string;
  readonly jwksUri: string;
}

/** Version of a token, and so of the discovery document that states its issuer. */
export type TokenVersion = "1.0" | "2.0";

/** Where an authority's OpenID configuration is to be found. */
export interface AuthorityLocation {
  /** Ends with `/`. */
  readonly instance: string;
  readonly tenantId: string;
  /** An authority with a policy of its own, which replaces instance and tenant. */
  readonly authority: string | undefined;
}

/** Address of an authority's OpenID configuration. @see OpenID Connect Discovery 1.0 section 4 */
export function discoveryUrl({ instance, tenantId, authority }: AuthorityLocation, version: TokenVersion): string {
  if (authority !== undefined) {
    return `${authority.replace(/\/+$/, "").replace(/\/v2\.0$/, "")}/v2.0/.well-known/openid-configuration`;
  }
  return `${instance}${tenantId}/${version === "2.0" ? "v2.0/" : ""}.well-known/openid-configuration`;
}

/** Reads an OpenID configuration. @throws whatever the fetcher throws, or a TypeError for a wrong shape */
export async function fetchAuthorityMetadata(fetchJson: JsonFetcher, url: string): Promise<AuthorityMetadata> {
  const { issuer, jwks_uri: jwksUri } = await fetchJson(url);
  if (typeof issuer !== "string" || typeof jwksUri !== "string") {
    throw new TypeError(`the OpenID configuration at ${url} lacks issuer or jwks_uri`);
  }
  return { issuer, jwksUri };
}

/** The issuer that a token of this tenant must have. */
export function expectedIssuer(issuer: string, tenantId: string): string {
  return issuer.replace("{tenantid}", tenantId);
}

/** The tenant GUID that an issuer names in its path, or `undefined` for a template. */
export function tenantOfIssuer(issuer: string): string | undefined {
  return issuer
    .split("/")
    .find((segment) => isGuid(segment))
    ?.toLowerCase();
}
