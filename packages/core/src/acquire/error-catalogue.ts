import type { AgentAuthErrorCode } from "../errors/codes.js";

/** What a code of Entra's means, and what to do about it. */
export interface CatalogueEntry {
  readonly code: AgentAuthErrorCode;
  /** Completes "Entra refused …:". */
  readonly meaning: string;
  readonly remedy: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

const entry = (code: AgentAuthErrorCode, meaning: string, remedy: string): CatalogueEntry => ({
  code,
  meaning,
  remedy,
  retryable: false,
});

const interaction = (meaning: string) =>
  entry(
    "interaction_required",
    meaning,
    "Let the client send the user through sign-in with the claims of this challenge, then call again.",
  );

const sessionOver = (meaning: string) =>
  entry("session_ended", meaning, "Let the user call again: their token begins a new session.");

const transient = (meaning: string, code: AgentAuthErrorCode = "entra_unavailable"): CatalogueEntry => ({
  code,
  meaning,
  remedy: "Try again shortly.",
  retryable: true,
});

/**
 * The AADSTS codes that a person can act on, by number.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const errorCatalogue: Readonly<Record<number, CatalogueEntry>> = {
  // The client credential.
  7000215: entry(
    "credential_refused",
    "the client secret is wrong",
    "Set clientCredentials to the secret's value (not its id).",
  ),
  7000222: entry(
    "credential_refused",
    "the client secret has expired",
    "Create a new secret and set clientCredentials to it.",
  ),
  700016: entry(
    "credential_refused",
    "the application does not exist in the tenant",
    "Check clientId and tenantId; the app may need to be provisioned there.",
  ),
  90002: entry("credential_refused", "the tenant does not exist", "Check tenantId and instance."),
  700211: entry(
    "credential_refused",
    "no federated credential matches the assertion's issuer",
    "Add a federated credential with that issuer to the blueprint.",
  ),
  700212: entry(
    "credential_refused",
    "no federated credential matches the assertion's audience",
    "Request the assertion for api://AzureADTokenExchange.",
  ),
  700213: entry(
    "credential_refused",
    "no federated credential matches the assertion's subject",
    "Add a federated credential with that subject to the blueprint.",
  ),
  700027: entry(
    "credential_refused",
    "the client assertion's signature does not match a registered certificate",
    "Register the certificate with the app, or use the one that is.",
  ),
  700024: entry(
    "credential_refused",
    "the client assertion is outside its time range",
    "Check the clocks and the assertion's lifetime.",
  ),

  // The user's token.
  50013: entry(
    "assertion_refused",
    "the caller's token is not one that this app may exchange",
    "Its audience must be the agent identity blueprint, and it must come from this tenant.",
  ),
  7000114: entry(
    "assertion_refused",
    "the caller's token has no user",
    "Call the service as the application (asApp) or as an agent (asAgent).",
  ),
  500133: entry("assertion_refused", "the caller's token has expired", "Let the client request a new one."),

  // Scopes, consent, users.
  500011: entry(
    "exchange_refused",
    "the resource does not exist in the tenant",
    "Check the scopes of the service, and that its API is provisioned in this tenant.",
  ),
  70011: entry(
    "exchange_refused",
    "a scope is malformed",
    "Write scopes as {resource}/{permission}, all of one resource.",
  ),
  1002012: entry(
    "exchange_refused",
    "client credentials need a /.default scope",
    'Set appScopes to ["{resource}/.default"].',
  ),
  65001: entry(
    "consent_required",
    "consent for the scopes is missing",
    "Let an administrator grant them to the app, or to the agent identity or its blueprint.",
  ),
  82014: entry(
    "consent_required",
    "an agent identity cannot be asked for consent",
    "Let an administrator grant the scopes to the agent identity or its blueprint.",
  ),
  50034: entry(
    "exchange_refused",
    "the user does not exist in the tenant",
    "Check the agent user's name or id, and the tenant.",
  ),

  // Conditional Access.
  50076: interaction("multi-factor authentication is required"),
  50079: interaction("the user must register for multi-factor authentication"),
  53000: interaction("a compliant device is required"),
  53001: interaction("a domain-joined device is required"),
  53002: interaction("an approved app is required"),
  53003: interaction("Conditional Access blocks this access"),

  // Long-running sessions: the refresh token is over.
  50173: sessionOver("the session was revoked, for instance by a change of password"),
  70008: sessionOver("the session has expired"),
  70000: sessionOver("the session's grant is not valid any more"),
  700082: sessionOver("the session has expired for inactivity"),
  700084: sessionOver("the session has reached its longest life"),

  // Entra itself.
  90033: transient("a service of Entra's is not available at the moment"),
  90055: transient("the tenant has too many requests at once", "entra_throttled"),
  50196: transient("the app asks for the same token again and again", "entra_throttled"),
};

/** The page that explains an AADSTS code. */
export function errorLink(aadsts: number): string {
  return `https://login.microsoftonline.com/error?code=${aadsts}`;
}
