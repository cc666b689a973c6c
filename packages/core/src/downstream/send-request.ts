import { AgentAuthError } from "../errors/agent-auth-error.js";
import { retryWaitMs, wait } from "../http/retry.js";
import { parseRetryAfter } from "../http/retry-after.js";
import { isRepeatable, type PreparedRequest } from "./downstream-request.js";

/** How a request is sent. */
export interface SendOptions {
  readonly service: string;
  readonly fetch: typeof fetch;
  /** Milliseconds until the headers of the last answer must have come. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly signal: AbortSignal | undefined;
  /** `Bearer …` */
  readonly authorizationHeader: string;
}

const retriedStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Sends a request with its token, again if that is harmless and may help. Redirects are returned, never followed.
 * @throws AgentAuthError `downstream_timeout` (504), `downstream_unreachable` (502); the signal's reason
 */
export async function sendRequest(request: PreparedRequest, options: SendOptions): Promise<Response> {
  const { service, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const both = signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]);
  const maxRetries = isRepeatable(request) ? options.maxRetries : 0;
  try {
    for (let tries = 1; ; tries++) {
      const outcome = await attempt(request, options, both);
      const waitMs =
        both.aborted || !mayHelp(outcome)
          ? undefined
          : retryWaitMs({
              tries,
              maxRetries,
              retryAfterSeconds: retryAfterOf(outcome),
              remainingMs: deadline - performance.now(),
            });
      if (waitMs === undefined) {
        if (isResponse(outcome)) return outcome;
        throw outcome;
      }
      if (isResponse(outcome)) await outcome.body?.cancel();
      await wait(waitMs, both);
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (timeout.signal.aborted) {
      throw new AgentAuthError("downstream_timeout", {
        detail: `${service} did not answer within ${timeoutMs} ms.`,
        cause,
      });
    }
    throw new AgentAuthError("downstream_unreachable", { detail: `${service} could not be reached.`, cause });
  } finally {
    clearTimeout(timer);
  }
}

/** One try. A failure is returned, so that the loop decides about it as about an answer. */
async function attempt(
  { url, method, headers, body }: PreparedRequest,
  { fetch, authorizationHeader }: SendOptions,
  signal: AbortSignal,
): Promise<Response | Error> {
  const withToken = new Headers(headers);
  withToken.set("authorization", authorizationHeader);
  try {
    return await fetch(url, {
      method,
      headers: withToken,
      body: body ?? null,
      redirect: "manual",
      signal,
      // A streamed body needs it, and it changes nothing for the others.
      duplex: "half",
    } as RequestInit);
  } catch (error) {
    return error instanceof Error ? error : new Error("the request failed", { cause: error });
  }
}

/** A `fetch` that was replaced may bring a `Response` of its own. */
function isResponse(outcome: Response | Error): outcome is Response {
  return !(outcome instanceof Error);
}

function mayHelp(outcome: Response | Error): boolean {
  return !isResponse(outcome) || retriedStatuses.has(outcome.status);
}

function retryAfterOf(outcome: Response | Error): number | undefined {
  return isResponse(outcome) ? parseRetryAfter(outcome.headers.get("retry-after"), Date.now()) : undefined;
}
