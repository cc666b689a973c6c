import type { JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import type { Resource } from "../directory/entities.js";

/** The JSON that the token endpoint answers with. */
export interface TokenResponse {
  token_type: "Bearer";
  expires_in: number;
  ext_expires_in: number;
  access_token: string;
  refresh_in?: number;
  scope?: string;
  refresh_token?: string;
  id_token?: string;
  client_info?: string;
}

/** An answered request: the body, and the claims for the record. */
export interface Issued {
  readonly body: TokenResponse;
  readonly claims: JWTPayload;
}

/** From this lifetime on (seconds) a response says when to refresh, as Entra's does for long-lived tokens. */
const REFRESH_IN_FROM = 7200;

/** Signs an access token and wraps it. */
export async function issue(
  context: EmulatorContext,
  claims: JWTPayload,
  more: Partial<TokenResponse> = {},
): Promise<Issued> {
  const lifetime = (claims.exp ?? 0) - context.clock.seconds();
  const body: TokenResponse = {
    token_type: "Bearer",
    ...(more.scope === undefined ? {} : { scope: more.scope }),
    expires_in: lifetime,
    ext_expires_in: lifetime,
    ...(lifetime >= REFRESH_IN_FROM ? { refresh_in: Math.floor(lifetime / 2) } : {}),
    access_token: await context.keys.sign(claims),
    ...more,
  };
  return { body, claims };
}

/** The audience of a token: app id in version 2.0, the name that the request used in version 1.0. */
export function audienceOf(resource: Resource, resourceName: string): string {
  return resource.tokenVersion === "2.0" ? resource.appId : resourceName;
}

/** The `scope` of a response: each permission with the API it belongs to. */
export function scopeOf(resource: Resource, resourceName: string, scopes: readonly string[]): string {
  const prefix = resource.identifierUris.includes(resourceName) ? resourceName : (resource.identifierUris[0] ?? "");
  const openid = new Set(["openid", "profile", "email"]);
  return scopes.map((scope) => (openid.has(scope) ? scope : `${prefix}/${scope}`)).join(" ");
}
