import type { AuthenticationResult } from "@azure/msal-node";
import { bearerHeader } from "../cache/cached-token.js";
import type { Leg } from "../plan/leg.js";
import { invalidResponse } from "./wire-error.js";

/** A token as it came from Entra. */
export interface IssuedToken {
  /** `Bearer …`. */
  readonly authorizationHeader: string;
  /** Milliseconds since the epoch, by our clock. */
  readonly expiresAtMs: number;
  /** When Entra wishes it to be renewed (`refresh_in`), in milliseconds since the epoch. */
  readonly refreshAtMs: number | undefined;
  /** The scopes that were granted. */
  readonly scopes: readonly string[];
  /** Never handed out: it begins or continues a long-running session. */
  readonly refreshToken: string | undefined;
}

/**
 * The token of an answer. Its lifetime is taken from the answer itself and counted from our clock: msal-node's is the
 * machine's.
 * @param init.now milliseconds since the epoch
 * @throws EntraError `entra_response_invalid` when the lifetime makes no sense
 */
export function issuedToken(
  leg: Leg,
  result: AuthenticationResult,
  init: { readonly body: Readonly<Record<string, unknown>>; readonly now: number },
): IssuedToken {
  const { body, now } = init;
  const lifetime = seconds(body.expires_in);
  if (lifetime === undefined || lifetime <= 0) throw invalidResponse(leg, "a token without a lifetime");
  const refreshIn = seconds(body.refresh_in);
  return {
    authorizationHeader: bearerHeader(result.accessToken),
    expiresAtMs: now + lifetime * 1000,
    refreshAtMs: refreshIn === undefined || refreshIn >= lifetime ? undefined : now + refreshIn * 1000,
    scopes: shared(result.scopes),
    refreshToken: typeof body.refresh_token === "string" ? body.refresh_token : undefined,
  };
}

function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Lists of scopes by what they say: the tokens of a hundred thousand users have the same few. */
const known = new Map<string, readonly string[]>();
const mostKnown = 1_000;

function shared(scopes: readonly string[]): readonly string[] {
  const text = scopes.join(" ");
  const same = known.get(text);
  if (same !== undefined) return same;
  if (known.size >= mostKnown) known.clear();
  const frozen = Object.freeze([...scopes]);
  known.set(text, frozen);
  return frozen;
}
