import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { AgentAuthErrorCode } from "../errors/codes.js";
import type { Leg } from "./leg.js";

/** What a code of Entra's means, and what to do about it. */
interface CatalogueEntry {
  readonly code: AgentAuthErrorCode;
  readonly meaning: string;
  readonly remedy: string;
}

const interaction = (meaning: string): CatalogueEntry => ({
  code: "interaction_required",
  meaning,
  remedy: "Let the client send the user through sign-in with the claims of this challenge, then call again.",
});

const credential = (meaning: string, remedy: string): CatalogueEntry => ({
  code: "credential_refused",
  meaning,
  remedy,
});

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const catalogue: Readonly<Record<number, CatalogueEntry>> = {
  7000215: credential("the client secret is wrong", "Set clientCredentials to the secret's value (not its id)."),
  7000222: credential("the client secret has expired", "Create a new secret and set clientCredentials to it."),
  700016: credential(
    "the application does not exist in the tenant",
    "Check clientId and tenantId; the app may need to be provisioned there.",
  ),
  90002: credential("the tenant does not exist", "Check tenantId and instance."),
  700211: credential(
    "no federated credential matches the assertion's issuer",
    "Add a federated credential with that issuer to the blueprint.",
  ),
  700212: credential(
    "no federated credential matches the assertion's audience",
    "Request the assertion for api://AzureADTokenExchange.",
  ),
  700213: credential(
    "no federated credential matches the assertion's subject",
    "Add a federated credential with that subject to the blueprint.",
  ),
  700027: credential(
    "the client assertion's signature does not match a registered certificate",
    "Register the certificate with the app, or use the one that is.",
  ),
  700024: credential(
    "the client assertion is outside its time range",
    "Check the clocks and the assertion's lifetime.",
  ),
  50013: {
    code: "assertion_refused",
    meaning: "the caller's token is not one that this app may exchange",
    remedy: "Its audience must be the agent identity blueprint, and it must come from this tenant.",
  },
  7000114: {
    code: "assertion_refused",
    meaning: "the caller's token has no user",
    remedy: "Call the service as the application (asApp) or as an agent (asAgent).",
  },
  500133: {
    code: "assertion_refused",
    meaning: "the caller's token has expired",
    remedy: "Let the client request a new one.",
  },
  500011: {
    code: "exchange_refused",
    meaning: "the resource does not exist in the tenant",
    remedy: "Check the scopes of the service, and that its API is provisioned in this tenant.",
  },
  70011: {
    code: "exchange_refused",
    meaning: "a scope is malformed",
    remedy: "Write scopes as {resource}/{permission}, all of one resource.",
  },
  1002012: {
    code: "exchange_refused",
    meaning: "client credentials need a /.default scope",
    remedy: 'Set appScopes to ["{resource}/.default"].',
  },
  65001: {
    code: "consent_required",
    meaning: "consent for the scopes is missing",
    remedy: "Let an administrator grant them to the app, or to the agent identity or its blueprint.",
  },
  82014: {
    code: "consent_required",
    meaning: "an agent identity cannot be asked for consent",
    remedy: "Let an administrator grant the scopes to the agent identity or its blueprint.",
  },
  50034: {
    code: "exchange_refused",
    meaning: "the user does not exist in the tenant",
    remedy: "Check the agent user's name or id, and the tenant.",
  },
  50076: interaction("multi-factor authentication is required"),
  50079: interaction("the user must register for multi-factor authentication"),
  53000: interaction("a compliant device is required"),
  53001: interaction("a domain-joined device is required"),
  53002: interaction("an approved app is required"),
  53003: interaction("Conditional Access blocks this access"),
};

const transient: ReadonlySet<number> = new Set([90033, 90055, 50196]);

/** An answer of the token endpoint that is no token. */
export interface EntraRefusal {
  readonly status: number;
  /** Seconds. */
  readonly retryAfterSeconds: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
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
}

/** Turns a refusal of the token endpoint into an error that a person can act on. */
export function entraErrorOf(leg: Leg, refusal: EntraRefusal): EntraError {
  const { status, body, retryAfterSeconds } = refusal;
  const aadsts = aadstsOf(body);
  const entry = aadsts === undefined ? undefined : catalogue[aadsts];
  const claims = typeof body.claims === "string" ? body.claims : undefined;
  const details = {
    leg,
    aadsts,
    correlationId: typeof body.correlation_id === "string" ? body.correlation_id : undefined,
  };
  const where = `${describeLeg(leg)}${aadsts === undefined ? "" : `: AADSTS${aadsts}`}`;

  if (status === 429 || status >= 500 || (aadsts !== undefined && transient.has(aadsts))) {
    const code = status === 429 || aadsts === 50196 ? "entra_throttled" : "entra_unavailable";
    return new EntraError(code, {
      ...details,
      detail: `Entra cannot serve ${where} now (HTTP ${status}). Try again shortly.`,
      retryable: true,
      retryAfterSeconds: retryAfterSeconds ?? 1,
    });
  }
  const code = claims !== undefined ? "interaction_required" : (entry?.code ?? codeOfOAuthError(body.error));
  const text = entry === undefined ? entraText(body) : `${entry.meaning}. ${entry.remedy}`;
  return new EntraError(code, {
    ...details,
    detail: `Entra refused ${where}: ${text}`,
    retryable: false,
    ...challengeOf(code, claims),
  });
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

/** A leg in words, for messages. */
export function describeLeg(leg: Leg): string {
  switch (leg.kind) {
    case "exchange":
      return `the exchange of blueprint ${leg.clientId} for agent identity ${leg.fmiPath}`;
    case "instance":
      return `the instance token of agent identity ${leg.clientId}`;
    case "agent-user":
      return `the agent user token of agent identity ${leg.clientId} for ${leg.scopes.join(" ")}`;
    case "on-behalf-of":
      return `the on-behalf-of token of ${leg.clientId} for ${leg.scopes.join(" ")}`;
    case "client-credentials":
      return `the app-only token of ${leg.clientId} for ${leg.scopes.join(" ")}`;
  }
}
