import { AgentAuthError } from "../errors/agent-auth-error.js";
import { invalidRequest } from "../errors/refusals.js";

/** The headers of a request: WHATWG `Headers`, or a record as Node's `IncomingMessage` has it. */
export type InboundHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longest credential that is looked at, in characters. */
const maxTokenLength = 16 * 1024;

/**
 * Reads the one bearer credential of a request.
 * @throws AgentAuthError `authorization_missing`, `authorization_scheme_unsupported`, `authorization_malformed`,
 *   `token_too_large`
 * @see RFC 6750 section 2.1
 */
export function readBearerToken(headers: InboundHeaders): string {
  const value = authorizationOf(headers);
  if (value === undefined || value === "") {
    throw new AgentAuthError("authorization_missing", {
      detail: "No Authorization header came. Send: Authorization: Bearer <access token>",
    });
  }
  const space = value.indexOf(" ");
  const scheme = space === -1 ? value : value.slice(0, space);
  if (scheme.toLowerCase() !== "bearer") {
    throw new AgentAuthError("authorization_scheme_unsupported", {
      detail: looksLikeJwt(value)
        ? 'The Authorization header holds a token without its scheme. Put "Bearer " before it.'
        : "The Authorization header uses a scheme that is not supported. Send: Authorization: Bearer <access token>",
    });
  }
  const token = space === -1 ? "" : value.slice(space + 1).trim();
  if (token === "") {
    throw invalidRequest("authorization_malformed", "The Authorization header holds no token after its scheme.");
  }
  if (/[\s,]/.test(token)) {
    throw invalidRequest(
      "authorization_malformed",
      "The Authorization header holds more than one credential. Send one.",
    );
  }
  if (token.length > maxTokenLength) {
    throw invalidRequest("token_too_large", `The access token is longer than ${maxTokenLength} characters.`);
  }
  return token;
}

/** Whether a request brings a credential of any kind. */
export function hasCredential(headers: InboundHeaders): boolean {
  return authorizationOf(headers) !== undefined;
}

function authorizationOf(headers: InboundHeaders): string | undefined {
  if (isHeaders(headers)) return headers.get("authorization") ?? undefined;
  const value = headers.authorization ?? headers.Authorization;
  if (value === undefined || typeof value === "string") return value;
  if (value.length > 1) {
    throw invalidRequest("authorization_malformed", "The request has more than one Authorization header. Send one.");
  }
  return value[0];
}

function isHeaders(headers: InboundHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}

function looksLikeJwt(value: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(value);
}
