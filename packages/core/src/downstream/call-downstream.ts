import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import { downstreamUrl, type Query } from "./downstream-url.js";

/** What a downstream call sends. */
export interface DownstreamRequest {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: RequestInit["body"];
  /** Sent as the JSON body, with its content type. */
  readonly json?: unknown;
  /** Added to the query of the path. */
  readonly query?: Query | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the headers of the answer must have come. */
  readonly timeoutMs?: number | undefined;
}

/** A service, as far as a call needs it. */
export interface DownstreamTarget {
  readonly service: string;
  readonly api: DownstreamApiOptions;
  readonly path: string;
  readonly authorizationHeader: string;
}

/** The URL of a call. @throws AgentAuthError `service_base_url_missing`, `downstream_url_refused` */
export function targetUrl(service: string, api: DownstreamApiOptions, path: string, query?: Query): string {
  if (api.baseUrl === undefined) {
    throw new AgentAuthError("service_base_url_missing", {
      detail: `downstreamApis.${service} has no baseUrl. Set downstreamApis.${service}.baseUrl to the root of the API.`,
    });
  }
  const base = api.relativePath === undefined ? api.baseUrl : downstreamUrl(api.baseUrl, api.relativePath);
  return downstreamUrl(base, path, query);
}

/**
 * Calls a downstream API. Redirects are returned, never followed, so that the header reaches no other origin.
 * @throws AgentAuthError `downstream_timeout` (504), `downstream_unreachable` (502), and the codes of {@link targetUrl}
 */
export async function sendDownstream(
  fetchFunction: typeof fetch,
  target: DownstreamTarget,
  request: DownstreamRequest & { readonly timeoutMs: number },
): Promise<Response> {
  const { service, api } = target;
  const url = targetUrl(service, api, target.path, request.query);
  const headers = new Headers(request.headers);
  if (!headers.has("accept")) headers.set("accept", api.acceptHeader ?? "application/json");
  if (request.json !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
  headers.set("authorization", target.authorizationHeader);
  const body = request.json === undefined ? (request.body ?? null) : JSON.stringify(request.json);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), request.timeoutMs);
  try {
    return await fetchFunction(url, {
      method: request.method ?? api.httpMethod ?? "GET",
      headers,
      body,
      redirect: "manual",
      signal: request.signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, request.signal]),
      // A streamed body needs it, and it changes nothing for the others.
      duplex: "half",
    } as RequestInit);
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    if (timeout.signal.aborted) {
      throw new AgentAuthError("downstream_timeout", {
        detail: `${service} did not answer within ${request.timeoutMs} ms.`,
        cause,
      });
    }
    throw new AgentAuthError("downstream_unreachable", { detail: `${service} could not be reached.`, cause });
  } finally {
    clearTimeout(timer);
  }
}
