import { invalidToken } from "../errors/refusals.js";
import type { Claims } from "./claims.js";

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

/** Header parameters that would let a token choose its own key or meaning. @see RFC 8725 section 3.10 */
const refusedParameters = ["jku", "jwk", "x5u", "crit", "b64", "zip"] as const;

const compactJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Takes a token apart and checks all that needs no key: its shape, `alg`, `typ`, `kid`, and that nothing in the header
 * points at another key.
 * @throws AgentAuthError `token_malformed`, `token_algorithm_refused`, `token_header_refused`
 */
export function decodeToken(token: string, algorithms: readonly string[]): DecodedToken {
  if (!compactJws.test(token)) {
    throw invalidToken("token_malformed", "The access token is not a signed JWT (three base64url parts).");
  }
  const firstDot = token.indexOf(".");
  const header = parsePart(token.slice(0, firstDot), "header");
  const { alg, kid, typ } = header;
  if (typeof alg !== "string" || !algorithms.includes(alg)) {
    throw invalidToken("token_algorithm_refused", `The access token's alg is not one of: ${algorithms.join(", ")}.`);
  }
  for (const parameter of refusedParameters) {
    if (header[parameter] !== undefined) {
      throw invalidToken(
        "token_header_refused",
        `The access token's header has the parameter ${parameter}, which is refused.`,
      );
    }
  }
  if (typ !== undefined && (typeof typ !== "string" || !/^(application\/)?(jwt|at\+jwt)$/i.test(typ))) {
    throw invalidToken("token_header_refused", "The access token's typ is neither JWT nor at+jwt.");
  }
  if (typeof kid !== "string" || kid === "") {
    throw invalidToken("token_header_refused", "The access token's header names no key (kid).");
  }
  const claims = parsePart(token.slice(firstDot + 1, token.lastIndexOf(".")), "payload");
  return { header: { alg, kid }, claims };
}

/** The claims of a token that came from Entra over TLS, without verifying it. Never for inbound tokens. */
export function peekClaims(token: string): Claims {
  return parsePart(token.split(".")[1] ?? "", "payload") as unknown as Claims;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parsePart(part: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(Buffer.from(part, "base64url")));
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidToken("token_malformed", `The access token's ${name} is not a JSON object.`);
  }
  return value as Record<string, unknown>;
}
