import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { claimsOf } from "./claims-challenge.js";
import { type DownstreamRequest, type PreparedRequest, prepareRequest } from "./downstream-request.js";
import { maxRedirects, redirected } from "./redirect.js";
import { type SendOptions, sendRequest } from "./send-request.js";
import { type CallTarget, targetUrl } from "./target-url.js";

/** What every downstream call of an app shares. */
export interface DownstreamContext {
  readonly fetch: typeof fetch;
  /** Milliseconds, where neither call nor service says. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly telemetry: Telemetry;
}

/** A call, and how it gets its token. */
export interface DownstreamCall {
  readonly target: CallTarget;
  readonly request: DownstreamRequest;
  /** `Bearer …`; with claims (JSON), of a token that was asked for with them. */
  readonly authorize: (claims?: string) => Promise<string>;
}

/**
 * Calls a downstream API with the right token. A claims challenge is answered once, with a token that has the claims,
 * when the body can be sent again.
 * @throws AgentAuthError `downstream_timeout` (504), `downstream_unreachable` (502), the codes of {@link targetUrl}, and
 *   those of the token
 */
export async function callDownstream(context: DownstreamContext, call: DownstreamCall): Promise<Response> {
  const { target, request } = call;
  // A call that is refused costs no token.
  const prepared = prepareRequest(targetUrl(target, request.query), target.api, request);
  return context.telemetry.span(prepared.method, spanOptions(target.service, prepared), async (span) => {
    const response = await answerChallenge(context, call, prepared);
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 400) {
      span.setAttribute("error.type", String(response.status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    return response;
  });
}

async function answerChallenge(
  context: DownstreamContext,
  call: DownstreamCall,
  prepared: PreparedRequest,
): Promise<Response> {
  const { target, authorize } = call;
  const response = await follow(prepared, target.api, await sendOptions(context, call, authorize()));
  const claims = claimsOf(response);
  if (claims === undefined || !prepared.replayable) return response;
  await response.body?.cancel();
  return follow(prepared, target.api, await sendOptions(context, call, authorize(claims)));
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span */
function spanOptions(service: string, { url, method }: PreparedRequest) {
  const { protocol, hostname, port, origin, pathname } = new URL(url);
  const attributes = {
    "http.request.method": method,
    "server.address": hostname,
    "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    // Without the query, which may hold what is nobody's business.
    "url.full": origin + pathname,
    "agent_auth.service": service,
  };
  return { kind: SpanKind.CLIENT, attributes };
}

async function follow(request: PreparedRequest, api: DownstreamApiOptions, options: SendOptions): Promise<Response> {
  let current = request;
  for (let redirects = 0; ; redirects++) {
    const response = await sendRequest(current, options);
    const next = api.followRedirects === true && redirects < maxRedirects ? redirected(current, response) : undefined;
    if (next === undefined) return response;
    await response.body?.cancel();
    current = next;
  }
}

async function sendOptions(
  context: DownstreamContext,
  { target, request }: DownstreamCall,
  header: Promise<string>,
): Promise<SendOptions> {
  return {
    service: target.service,
    fetch: context.fetch,
    timeoutMs: request.timeoutMs ?? target.api.timeoutMs ?? context.timeoutMs,
    maxRetries: request.maxRetries ?? target.api.maxRetries ?? context.maxRetries,
    signal: request.signal,
    authorizationHeader: await header,
  };
}
