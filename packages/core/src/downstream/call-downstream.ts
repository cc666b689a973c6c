import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
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
  const { target, request, authorize } = call;
  // A call that is refused costs no token.
  const prepared = prepareRequest(targetUrl(target, request.query), target.api, request);
  const response = await follow(prepared, target.api, await sendOptions(context, call, authorize()));
  const claims = claimsOf(response);
  if (claims === undefined || !prepared.replayable) return response;
  await response.body?.cancel();
  return follow(prepared, target.api, await sendOptions(context, call, authorize(claims)));
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
