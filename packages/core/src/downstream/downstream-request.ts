import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import type { Query } from "./downstream-url.js";

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
  /** Milliseconds until the headers of the answer must have come, retries included. */
  readonly timeoutMs?: number | undefined;
  /** Retries of an idempotent call after a connection error, 429, 502, 503 or 504. Default: the service's, else 2. */
  readonly maxRetries?: number | undefined;
}

/** A request, ready to be sent as often as need be. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: RequestInit["body"];
  /** Whether the body can be sent again: a stream cannot. */
  readonly replayable: boolean;
}

/** Methods whose repetition changes nothing. @see RFC 9110 section 9.2.2 */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Makes the request of a call: the call's own words before the service's. The token is added when it is sent. */
export function prepareRequest(url: string, api: DownstreamApiOptions, request: DownstreamRequest): PreparedRequest {
  const headers = new Headers(api.extraHeaderParameters);
  for (const [name, value] of new Headers(request.headers)) headers.set(name, value);
  // The token is the library's to set, whatever an SDK put there.
  headers.delete("authorization");
  if (!headers.has("accept")) headers.set("accept", api.acceptHeader ?? "application/json");
  const body = request.json === undefined ? (request.body ?? null) : JSON.stringify(request.json);
  const contentType = request.json === undefined ? api.contentType : (api.contentType ?? "application/json");
  if (typeof body === "string" && contentType !== undefined && !headers.has("content-type")) {
    headers.set("content-type", contentType);
  }
  const method = (request.method ?? api.httpMethod ?? "GET").toUpperCase();
  return { url, method, headers, body, replayable: isReplayable(body) };
}

/** Whether a failed request may simply be sent again. */
export function isRepeatable({ method, replayable }: PreparedRequest): boolean {
  return replayable && idempotentMethods.has(method);
}

function isReplayable(body: RequestInit["body"]): boolean {
  return (
    body === null ||
    body === undefined ||
    typeof body === "string" ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob
  );
}
