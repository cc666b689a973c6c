import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import { downstreamUrl, type Query } from "./downstream-url.js";

/** Where in a service a call goes. */
export interface CallTarget {
  readonly service: string;
  readonly api: DownstreamApiOptions;
  /** Path below the service, or, for a whole URL, below its `baseUrl`. */
  readonly path: string;
  /** The path is what follows `baseUrl` of a whole URL: `relativePath` and the service's query are in it already. */
  readonly whole: boolean;
}

/** The URL of a call. @throws AgentAuthError `service_base_url_missing`, `downstream_url_refused` */
export function targetUrl({ service, api, path, whole }: CallTarget, query?: Query): string {
  const baseUrl = requireBaseUrl(service, api);
  if (whole) return downstreamUrl(baseUrl, path, query);
  const base = api.relativePath === undefined ? baseUrl : downstreamUrl(baseUrl, api.relativePath);
  return downstreamUrl(base, path, { ...api.extraQueryParameters, ...query });
}

/**
 * The part of a URL behind the service's base URL. A URL that is not below it stays whole, and is refused as absolute.
 * @throws AgentAuthError `service_base_url_missing`
 */
export function pathBelow(service: string, api: DownstreamApiOptions, url: string): string {
  const baseUrl = requireBaseUrl(service, api);
  if (!url.startsWith(baseUrl)) return url;
  const rest = url.slice(baseUrl.length);
  return rest === "" || baseUrl.endsWith("/") || /^[/?]/.test(rest) ? rest : url;
}

function requireBaseUrl(service: string, { baseUrl }: DownstreamApiOptions): string {
  if (baseUrl !== undefined) return baseUrl;
  throw new AgentAuthError("service_base_url_missing", {
    detail: `downstreamApis.${service} has no baseUrl. Set downstreamApis.${service}.baseUrl to the root of the API.`,
  });
}
