import { parseRetryAfter } from "../../http/retry-after.js";
import { EntraError, entraErrorOf } from "../entra-error.js";
import { describeLeg, type Leg } from "../plan/leg.js";
import { type NetworkClient, UnreadableResponse } from "./network-client.js";

/** The request that failed. */
export interface FailedRequest {
  readonly leg: Leg;
  /** Origin of what was asked. */
  readonly origin: string;
  /** Milliseconds that it had. */
  readonly budgetMs: number;
  readonly correlationId: string;
}

/** Turns a failure of msal-node into our error, from the raw answer rather than from msal-node's account of it. */
export function wireError(network: NetworkClient, error: unknown, request: FailedRequest): EntraError {
  const { response, failure } = network;
  const { leg, origin, budgetMs, correlationId } = request;
  const details = { leg, aadsts: undefined, correlationId, retryable: true, retryAfterSeconds: 1 };
  if (failure instanceof UnreadableResponse) {
    const { status, headers } = failure;
    if (status === 429 || status >= 500) {
      return entraErrorOf(leg, { status, body: {}, retryAfterSeconds: retryAfterOf(headers), correlationId });
    }
    return invalidResponse(leg, `HTTP ${status} with a body that is no JSON object`, failure);
  }
  if (failure instanceof Error && (failure.name === "TimeoutError" || failure.name === "AbortError")) {
    const detail = `Entra did not answer ${describeLeg(leg)} within ${Math.round(budgetMs)} ms. Try again.`;
    return new EntraError("entra_timeout", { ...details, detail, cause: failure });
  }
  if (failure !== undefined) {
    const detail = `Entra could not be reached at ${origin} for ${describeLeg(leg)}.`;
    return new EntraError("entra_unavailable", { ...details, detail, cause: failure });
  }
  if (response !== undefined && response.status >= 300) {
    const { status, body, headers } = response;
    return entraErrorOf(leg, { status, body, retryAfterSeconds: retryAfterOf(headers), correlationId });
  }
  return invalidResponse(leg, "an answer that cannot be used", error);
}

/** Entra answered, and the answer makes no sense. */
export function invalidResponse(leg: Leg, what: string, cause?: unknown): EntraError {
  return new EntraError("entra_response_invalid", {
    leg,
    aadsts: undefined,
    correlationId: undefined,
    retryable: true,
    detail: `Entra answered ${describeLeg(leg)} with ${what}.`,
    cause,
  });
}

function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  return parseRetryAfter(headers["retry-after"], Date.now());
}
