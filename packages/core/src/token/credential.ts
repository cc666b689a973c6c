import { AgentAuthError } from "../errors/agent-auth-error.js";
import { invalidRequest } from "../errors/refusals.js";

/**
 * The headers of a request: WHATWG `Headers`, a record as Node's `IncomingMessage.headers` or `headersDistinct` is,
 * or the flat list of `rawHeaders`. The last is the cheapest, and shows a header that was sent twice.
 */
export type InboundHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[];

/** The one credential of a request. */
export interface InboundCredential {
  readonly scheme: "Bearer" | "PoP";
  readonly token: string;
}

/** What {@link readCredential} accepts. */
export interface CredentialRules {
  /** Longest credential that is looked at, in bytes. */
  readonly maxTokenBytes: number;
  /** Whether the scheme `PoP` is accepted beside `Bearer`. */
  readonly proofOfPossession: boolean;
}

/**
 * Reads the one credential of a request. The scheme is case-insensitive.
 * @throws AgentAuthError `authorization_missing`, `authorization_scheme_unsupported`, `authorization_malformed`,
 *   `token_too_large`
 * @see RFC 6750 section 2.1, RFC 9110 section 11.4
 */
export function readCredential(headers: InboundHeaders, rules: CredentialRules): InboundCredential {
  const value = headerOf(headers, "authorization");
  if (value === undefined || value === "") {
    throw new AgentAuthError("authorization_missing", {
      detail: "No Authorization header came. Send: Authorization: Bearer <access token>",
    });
  }
  if (value.length > rules.maxTokenBytes) {
    throw invalidRequest("token_too_large", `The credential is longer than ${rules.maxTokenBytes} bytes.`);
  }
  const space = value.indexOf(" ");
  const scheme = schemeOf(space === -1 ? value : value.slice(0, space), rules);
  if (scheme === undefined) {
    throw new AgentAuthError("authorization_scheme_unsupported", {
      detail: looksLikeJwt(value)
        ? 'The Authorization header holds a token without its scheme. Put "Bearer " before it.'
        : "The Authorization header uses a scheme that is not supported. Send: Authorization: Bearer <access token>",
    });
  }
  const token = space === -1 ? "" : withoutBlanks(value, space);
  if (token === "") {
    throw invalidRequest("authorization_malformed", "The Authorization header holds no token after its scheme.");
  }
  return { scheme, token };
}

/**
 * Refuses a credential that is in truth two. Apart from {@link readCredential}, because it looks at every character,
 * which a token that is known already need not pay for.
 * @throws AgentAuthError `authorization_malformed`
 */
export function refuseSeveralCredentials(token: string): void {
  if (!/[\s,]/.test(token)) return;
  throw invalidRequest("authorization_malformed", "The Authorization header holds more than one credential. Send one.");
}

/** Whether a request brings a credential of any kind. */
export function hasCredential(headers: InboundHeaders): boolean {
  return headerOf(headers, "authorization") !== undefined;
}

/**
 * The value of a header that may come once.
 * @param name in lower case
 * @throws AgentAuthError `authorization_malformed` when it came more than once
 */
export function headerOf(headers: InboundHeaders, name: string): string | undefined {
  if (isRawHeaders(headers)) return rawHeaderOf(headers, name);
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const value = headers[name] ?? headers[capitalized(name)];
  if (value === undefined || typeof value === "string") return value;
  if (value.length > 1) throw twice(name);
  return value[0];
}

function rawHeaderOf(headers: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index];
    if (candidate?.length !== name.length || candidate.toLowerCase() !== name) continue;
    if (found !== undefined) throw twice(name);
    found = headers[index + 1];
  }
  return found;
}

function twice(name: string): AgentAuthError {
  return invalidRequest(
    "authorization_malformed",
    `The request has more than one ${capitalized(name)} header. Send one.`,
  );
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function isRawHeaders(headers: InboundHeaders): headers is readonly string[] {
  return Array.isArray(headers);
}

function isHeaders(headers: InboundHeaders): headers is { get(name: string): string | null } {
  return typeof (headers as { get?: unknown }).get === "function";
}

/** What stands between the blanks behind the scheme and those at the end: blanks alone, where `trim()` takes more. */
function withoutBlanks(value: string, from: number): string {
  let start = from;
  let end = value.length;
  while (value.charAt(start) === " ") start += 1;
  while (end > start && value.charAt(end - 1) === " ") end -= 1;
  return value.slice(start, end);
}

function schemeOf(word: string, rules: CredentialRules): InboundCredential["scheme"] | undefined {
  if (word === "Bearer" || word.toLowerCase() === "bearer") return "Bearer";
  return rules.proofOfPossession && word.toLowerCase() === "pop" ? "PoP" : undefined;
}

function looksLikeJwt(value: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(value);
}
