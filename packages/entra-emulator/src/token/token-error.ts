import { randomUUID } from "node:crypto";
import { type RefusalCode, refusalOf } from "./refusals.js";

/** A refused token request, with all that Entra's error body says. */
export class TokenError extends Error {
  override name = "TokenError";
  readonly aadsts: RefusalCode;
  readonly error: string;
  readonly status: number;
  readonly suberror: string | undefined;
  /** JSON of a claims challenge, as the `claims` parameter of a later request must carry it. */
  readonly claims: string | undefined;

  constructor(aadsts: RefusalCode, message: string, claims?: string) {
    super(message);
    const refusal = refusalOf(aadsts);
    this.aadsts = aadsts;
    this.error = refusal.error;
    this.status = refusal.status ?? 400;
    this.suberror = refusal.suberror;
    this.claims = claims;
  }
}

/**
 * Builds the error of a refusal.
 *
 * @param details values for the placeholders of the refusal's text
 * @param claims JSON of a claims challenge
 */
export function refuse(aadsts: RefusalCode, details: Record<string, string> = {}, claims?: string): TokenError {
  const text = refusalOf(aadsts).text.replace(/\{(\w+)\}/g, (_, key: string) => details[key] ?? "");
  return new TokenError(aadsts, text, claims);
}

/** A time as Entra writes it in errors, from milliseconds since the epoch. */
export function entraTimestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** The JSON body that Entra answers a refused request with. */
export interface TokenErrorBody {
  error: string;
  error_description: string;
  error_codes: number[];
  timestamp: string;
  trace_id: string;
  correlation_id: string;
  error_uri: string;
  suberror?: string;
  claims?: string;
}

/**
 * Renders a refusal as Entra does.
 *
 * @param now milliseconds since the epoch
 */
export function toErrorBody(error: TokenError, now: number, correlationId: string, url: string): TokenErrorBody {
  const timestamp = entraTimestamp(now);
  const traceId = randomUUID();
  return {
    error: error.error,
    error_description: `AADSTS${error.aadsts}: ${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [error.aadsts],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${url}/error?code=${error.aadsts}`,
    ...(error.suberror ? { suberror: error.suberror } : {}),
    ...(error.claims ? { claims: error.claims } : {}),
  };
}
