import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { AgentAuthErrorCode } from "../errors/codes.js";
import { type CatalogueEntry, errorCatalogue, errorLink } from "./error-catalogue.js";
import { describeLeg, type Leg } from "./plan/leg.js";

/** An answer of the token endpoint that is no token. */
export interface EntraRefusal {
  readonly status: number;
  /** Seconds. */
  readonly retryAfterSeconds: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** The id that was sent; the answer's own comes before it. */
  readonly correlationId: string | undefined;
}

/** Details of an {@link EntraError}. */
export interface EntraErrorDetails {
  readonly leg: Leg;
  /** The number behind `AADSTS`, where Entra gave one. */
  readonly aadsts: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly correlationId: string | undefined;
}

/** Entra refused or failed a leg. Carries the leg, the AADSTS code, what it means and what to do. */
export class EntraError extends AgentAuthError {
  override readonly name = "EntraError";
  readonly leg: Leg;
  readonly aadsts: number | undefined;
  readonly retryable: boolean;
  readonly correlationId: string | undefined;

  constructor(code: AgentAuthErrorCode, init: ConstructorParameters<typeof AgentAuthError>[1] & EntraErrorDetails) {
    super(code, {
      ...init,
      extensions: {
        ...(init.aadsts !== undefined && { errorCode: `AADSTS${init.aadsts}` }),
        ...(init.correlationId !== undefined && { correlationId: init.correlationId }),
      },
    });
    this.leg = init.leg;
    this.aadsts = init.aadsts;
    this.retryable = init.retryable;
    this.correlationId = init.correlationId;
  }

  /** The page that explains the AADSTS code. */
  get link(): string | undefined {
    return this.aadsts === undefined ? undefined : errorLink(this.aadsts);
  }
}

/** Turns a refusal of the token endpoint into an error that a person can act on. */
export function entraErrorOf(leg: Leg, refusal: EntraRefusal): EntraError {
  const { status, body } = refusal;
  const aadsts = aadstsOf(body);
  const entry = aadsts === undefined ? undefined : errorCatalogue[aadsts];
  const details = {
    leg,
    aadsts,
    correlationId: typeof body.correlation_id === "string" ? body.correlation_id : refusal.correlationId,
  };
  const where = `${describeLeg(leg)}${aadsts === undefined ? "" : `: AADSTS${aadsts}`}`;

  if (status === 429 || status >= 500 || entry?.retryable === true) {
    const code = status === 429 ? "entra_throttled" : entry?.retryable === true ? entry.code : "entra_unavailable";
    return new EntraError(code, {
      ...details,
      detail: `Entra cannot serve ${where} now (HTTP ${status}). Try again shortly.`,
      retryable: true,
      retryAfterSeconds: refusal.retryAfterSeconds ?? 1,
    });
  }
  const claims = typeof body.claims === "string" ? body.claims : undefined;
  const code = codeOf(leg, entry, { body, claims });
  const text = entry === undefined ? entraText(body) : `${entry.meaning}. ${entry.remedy}`;
  const link = aadsts === undefined ? "" : ` See ${errorLink(aadsts)}`;
  return new EntraError(code, {
    ...details,
    detail: `Entra refused ${where}: ${text}${link}`,
    retryable: false,
    ...challengeOf(code, claims),
  });
}

function codeOf(
  leg: Leg,
  entry: CatalogueEntry | undefined,
  refusal: { readonly body: EntraRefusal["body"]; readonly claims: string | undefined },
): AgentAuthErrorCode {
  if (refusal.claims !== undefined) return "interaction_required";
  const code = entry?.code ?? codeOfOAuthError(refusal.body.error);
  // A refresh token that is not good any more ends its session, whichever number Entra gives it.
  if (leg.kind === "long-running" && refusal.body.error === "invalid_grant" && code === "exchange_refused") {
    return "session_ended";
  }
  return code === "session_ended" && leg.kind !== "long-running" ? "assertion_refused" : code;
}

function challengeOf(code: AgentAuthErrorCode, claims: string | undefined) {
  switch (code) {
    case "interaction_required":
      return {
        challenge: {
          error: claims === undefined ? "invalid_token" : "insufficient_claims",
          errorDescription: "The user must sign in again.",
          ...(claims !== undefined && { claims }),
        },
      };
    case "assertion_refused":
      return { challenge: { error: "invalid_token", errorDescription: "The token cannot be exchanged." } };
    case "session_ended":
      return { challenge: { error: "invalid_token", errorDescription: "The session has ended." } };
    case "consent_required":
      return { challenge: { error: "insufficient_scope", errorDescription: "Consent is missing." } };
    default:
      return {};
  }
}

function codeOfOAuthError(error: unknown): AgentAuthErrorCode {
  switch (error) {
    case "invalid_client":
    case "unauthorized_client":
      return "credential_refused";
    case "interaction_required":
    case "login_required":
      return "interaction_required";
    case "consent_required":
      return "consent_required";
    default:
      return "exchange_refused";
  }
}

function aadstsOf(body: Readonly<Record<string, unknown>>): number | undefined {
  if (Array.isArray(body.error_codes) && typeof body.error_codes[0] === "number") return body.error_codes[0];
  const match = /^AADSTS(\d+)/.exec(String(body.error_description ?? ""));
  return match === null ? undefined : Number(match[1]);
}

/** Entra's own sentence, without the ids behind it and without anything that looks like a token. */
function entraText(body: Readonly<Record<string, unknown>>): string {
  const text = String(body.error_description ?? body.error ?? "no reason given");
  return text
    .replace(/^AADSTS\d+:\s*/, "")
    .replace(/\s*Trace ID:.*$/s, "")
    .replace(/eyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, "<token>")
    .slice(0, 500);
}
