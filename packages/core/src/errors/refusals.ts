import { AgentAuthError } from "./agent-auth-error.js";
import type { AgentAuthErrorCode } from "./codes.js";

/** The inbound token does not hold. @see RFC 6750 section 3.1 `invalid_token` */
export function invalidToken(code: AgentAuthErrorCode, detail: string, cause?: unknown): AgentAuthError {
  return new AgentAuthError(code, { detail, cause, challenge: { error: "invalid_token", errorDescription: detail } });
}

/** The request itself is malformed. @see RFC 6750 section 3.1 `invalid_request` */
export function invalidRequest(code: AgentAuthErrorCode, detail: string): AgentAuthError {
  return new AgentAuthError(code, { detail, challenge: { error: "invalid_request", errorDescription: detail } });
}

/** The caller is known and lacks a permission. @see RFC 6750 section 3.1 `insufficient_scope` */
export function forbidden(code: AgentAuthErrorCode, detail: string, scopes?: readonly string[]): AgentAuthError {
  return new AgentAuthError(code, {
    detail,
    challenge: { error: "insufficient_scope", errorDescription: detail, ...(scopes && { scopes }) },
  });
}
