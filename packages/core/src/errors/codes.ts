/**
 * What an error is about, and so who mends it: the `request` was refused, something `upstream` failed, or the
 * developer's `configuration` (options or code) is wrong.
 */
export type ErrorFamily = "request" | "upstream" | "configuration";

interface ErrorDefinition {
  readonly family: ErrorFamily;
  /** The HTTP status that an adapter answers with. */
  readonly status: number;
  /** A short sentence that is the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
}

/**
 * Every error of the library: its code, family, HTTP status and title. One table, so that code, documentation and
 * answers cannot disagree.
 */
export const errorDefinitions = {
  // The inbound credential (RFC 6750 section 3.1).
  authorization_missing: { family: "request", status: 401, title: "No credential was sent" },
  authorization_scheme_unsupported: { family: "request", status: 401, title: "Authorization scheme not supported" },
  authorization_malformed: { family: "request", status: 400, title: "Authorization header malformed" },
  token_too_large: { family: "request", status: 400, title: "Access token too large" },
  token_malformed: { family: "request", status: 401, title: "Access token is not a JWT" },
  token_header_refused: { family: "request", status: 401, title: "Access token header refused" },
  token_algorithm_refused: { family: "request", status: 401, title: "Access token algorithm refused" },
  token_key_unknown: { family: "request", status: 401, title: "Access token signed with an unknown key" },
  token_signature_invalid: { family: "request", status: 401, title: "Access token signature invalid" },
  token_expired: { family: "request", status: 401, title: "Access token expired" },
  token_not_yet_valid: { family: "request", status: 401, title: "Access token not yet valid" },
  token_audience_refused: { family: "request", status: 401, title: "Access token meant for another audience" },
  token_issuer_refused: { family: "request", status: 401, title: "Access token from another issuer" },
  token_tenant_refused: { family: "request", status: 401, title: "Access token from another tenant" },
  token_decryption_failed: { family: "request", status: 401, title: "Access token cannot be decrypted" },
  token_possession_unproven: { family: "request", status: 401, title: "Proof of possession does not hold" },
  token_claim_missing: { family: "request", status: 401, title: "Access token lacks a claim" },
  token_claim_invalid: { family: "request", status: 401, title: "Access token claim invalid" },

  // Authorization: the caller is known and may not.
  insufficient_scope: { family: "request", status: 403, title: "Scope missing" },
  insufficient_role: { family: "request", status: 403, title: "Application role missing" },
  agent_required: { family: "request", status: 403, title: "Only agents may call this" },
  agent_denied: { family: "request", status: 403, title: "Agents may not call this" },
  delegated_required: { family: "request", status: 403, title: "A user must be present" },
  app_only_required: { family: "request", status: 403, title: "No user may be present" },
  claim_required: { family: "request", status: 403, title: "A claim is not what is needed" },
  auth_context_required: { family: "request", status: 401, title: "The user must sign in more strongly" },
  auth_context_unsupported: { family: "request", status: 403, title: "The client cannot sign in more strongly" },
  app_only_caller: { family: "request", status: 403, title: "The caller is an application, and a user is needed" },

  // What a call asked for, and what became of it.
  client_closed_request: { family: "request", status: 499, title: "The client went away" },
  agent_user_without_agent_identity: { family: "request", status: 400, title: "Agent user without an agent identity" },
  agent_user_ambiguous: { family: "request", status: 400, title: "Agent user named twice" },
  agent_user_id_invalid: { family: "request", status: 400, title: "Agent user id is not a GUID" },
  agent_identity_not_allowed: { family: "request", status: 403, title: "The agent identity may not act" },
  agent_identity_invalid: { family: "request", status: 400, title: "Agent identity is not a GUID" },
  downstream_url_refused: { family: "request", status: 400, title: "Downstream URL refused" },

  // Entra said no to an exchange.
  interaction_required: { family: "request", status: 401, title: "The user must sign in again" },
  assertion_refused: { family: "request", status: 401, title: "Entra refused the caller's token" },
  session_of_another_user: { family: "request", status: 403, title: "The session key belongs to another user" },
  session_ended: { family: "request", status: 401, title: "The long-running session has ended" },
  consent_required: { family: "request", status: 403, title: "Consent is missing" },
  credential_refused: { family: "upstream", status: 502, title: "Entra refused the client credential" },
  exchange_refused: { family: "upstream", status: 502, title: "Entra refused the token request" },

  // Upstream trouble.
  keys_unavailable: { family: "upstream", status: 503, title: "Signing keys unavailable" },
  decryption_keys_unavailable: { family: "upstream", status: 503, title: "Decryption keys unavailable" },
  tenant_check_failed: { family: "upstream", status: 503, title: "Tenant check failed" },
  entra_throttled: { family: "upstream", status: 503, title: "Entra is throttling" },
  entra_unavailable: { family: "upstream", status: 503, title: "Entra unavailable" },
  session_store_unavailable: { family: "upstream", status: 503, title: "Session store unavailable" },
  managed_identity_unavailable: { family: "upstream", status: 503, title: "Managed identity unavailable" },
  entra_timeout: { family: "upstream", status: 504, title: "Entra did not answer in time" },
  entra_response_invalid: { family: "upstream", status: 502, title: "Entra's answer makes no sense" },
  downstream_failed: { family: "upstream", status: 502, title: "The downstream API answered with an error" },
  downstream_page_invalid: { family: "upstream", status: 502, title: "The downstream API's answer is no page" },
  downstream_unreachable: { family: "upstream", status: 502, title: "The downstream API is unreachable" },
  downstream_timeout: { family: "upstream", status: 504, title: "The downstream API did not answer in time" },

  // Developer's mistakes.
  not_authenticated: { family: "configuration", status: 500, title: "The route is not protected" },
  options_invalid: { family: "configuration", status: 500, title: "Options invalid" },
  service_unknown: { family: "configuration", status: 500, title: "Downstream API not configured" },
  service_base_url_missing: { family: "configuration", status: 500, title: "Downstream API without a base URL" },
  service_scopes_missing: { family: "configuration", status: 500, title: "Downstream API without scopes" },
  service_scopes_invalid: { family: "configuration", status: 500, title: "Scopes of a downstream API invalid" },
  tenant_required: { family: "configuration", status: 500, title: "A call that needs one tenant names none" },
  fmi_path_refused: { family: "configuration", status: 500, title: "A call with an fmiPath that cannot have one" },
  credential_missing: { family: "configuration", status: 500, title: "No client credential works" },
} as const satisfies Record<string, ErrorDefinition>;

/** The literal union of every error code. */
export type AgentAuthErrorCode = keyof typeof errorDefinitions;
