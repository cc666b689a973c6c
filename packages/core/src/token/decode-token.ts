import { invalidToken } from "../errors/refusals.js";

/** The protected header of an access token. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string;
}

/** A token taken apart, its header held to the rules, its signature not yet verified. */
export interface DecodedToken {
  readonly header: TokenHeader;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Header parameters that would let a token choose its own key or meaning. @see RFC 8725 sections 3.5 and 3.10 */
const refusedParameters = ["jku", "jwk", "x5u", "crit", "b64", "zip"] as const;

const compactJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Takes a token apart and checks all that needs no key: its shape, `alg`, `typ`, `kid`, and that nothing in the header
 * points at another key.
 * @throws AgentAuthError `token_malformed`, `token_algorithm_refused`, `token_header_refused`
 */
export function decodeToken(token: string, algorithms: readonly string[]): DecodedToken {
  if (!compactJws.test(token)) throw malformed("is not a signed JWT (three base64url parts)");
  const firstDot = token.indexOf(".");
  const lastDot = token.lastIndexOf(".");
  const header = parsePart(token.slice(0, firstDot), "header");
  const { alg, kid, typ } = header;
  if (typeof alg !== "string" || !algorithms.includes(alg)) {
    throw invalidToken("token_algorithm_refused", `The access token's alg is not one of: ${algorithms.join(", ")}.`);
  }
  refuseParameters(header);
  if (typ !== undefined && (typeof typ !== "string" || !/^(application\/)?(jwt|at\+jwt)$/i.test(typ))) {
    throw invalidToken("token_header_refused", "The access token's typ is neither JWT nor at+jwt.");
  }
  if (typeof kid !== "string" || kid === "") {
    throw invalidToken("token_header_refused", "The access token's header names no key (kid).");
  }
  const claims = parsePart(token.slice(firstDot + 1, lastDot), "payload");
  if (!isCanonical(token, lastDot + 1)) throw malformed("has a signature that is not canonical base64url");
  return { header: { alg, kid }, claims };
}

/** @throws AgentAuthError `token_header_refused` for a parameter that points at another key or changes the meaning */
export function refuseParameters(header: Readonly<Record<string, unknown>>): void {
  for (const parameter of refusedParameters) {
    if (header[parameter] !== undefined) {
      const detail = `The access token's header has the parameter ${parameter}, which is refused.`;
      throw invalidToken("token_header_refused", detail);
    }
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A base64url part of a token as a JSON object. @throws AgentAuthError `token_malformed` */
export function parsePart(part: string, name: string): Record<string, unknown> {
  if (!isCanonical(part, 0)) throw malformed(`has a ${name} that is not canonical base64url`);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(Buffer.from(part, "base64url")));
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`has a ${name} that is not a JSON object`);
  }
  return value as Record<string, unknown>;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Whether the text from an index on is the one base64url form of its bytes: the bits of its last character that no
 * byte uses are zero. Otherwise one token would have many spellings. @see RFC 4648 section 3.5
 */
function isCanonical(text: string, from: number): boolean {
  const last = alphabet.indexOf(text.charAt(text.length - 1));
  switch ((text.length - from) % 4) {
    case 0:
      return true;
    case 2:
      return (last & 0b1111) === 0;
    case 3:
      return (last & 0b11) === 0;
    default:
      return false;
  }
}

function malformed(what: string) {
  return invalidToken("token_malformed", `The access token ${what}.`);
}
