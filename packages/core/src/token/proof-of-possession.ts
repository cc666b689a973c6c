import { hash } from "node:crypto";
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";
import { invalidToken } from "../errors/refusals.js";
import type { Claims } from "./claims.js";
import { refuseSeveralCredentials } from "./credential.js";
import { parsePart } from "./decode-token.js";

/** Algorithms that a signed HTTP request may be signed with. */
const algorithms = ["RS256", "PS256", "ES256"] as const;

/** How far the timestamp of a request may be from now, either way, in seconds. */
const windowSeconds = 300;

/** What a signed HTTP request is held against. */
export interface SignedRequestTarget {
  readonly method: string | undefined;
  /** `Host` header. */
  readonly host: string | undefined;
  /** Path, with or without a query. */
  readonly url: string | undefined;
}

/**
 * Verifies signed HTTP requests: that who sends an access token holds the key it is bound to, and signed this request.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-signed-http-request-03, RFC 7800
 */
export class ProofOfPossession {
  readonly #clock: Clock;
  /** Signatures that were used, until their time is over. */
  readonly #seen: LRUCache<string, number>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#seen = new LRUCache({ max: 100_000 });
  }

  /**
   * The access token inside a signed request, not yet verified.
   * @throws AgentAuthError `token_malformed`
   */
  accessTokenOf(signedRequest: string): string {
    refuseSeveralCredentials(signedRequest);
    const parts = signedRequest.split(".");
    if (parts.length !== 3) throw unproven("is not a signed JWT");
    const { at } = parsePart(parts[1] ?? "", "payload");
    if (typeof at !== "string" || at === "") throw unproven("carries no access token (at)");
    return at;
  }

  /**
   * Verifies a signed request whose access token held.
   * @throws AgentAuthError `token_possession_unproven`, which names the claim that does not hold
   */
  async verify(signedRequest: string, claims: Claims, target: SignedRequestTarget): Promise<void> {
    const [headerPart = "", payloadPart = ""] = signedRequest.split(".");
    const header = parsePart(headerPart, "header");
    const payload = parsePart(payloadPart, "payload");
    if (!algorithms.some((alg) => alg === header.alg))
      throw unproven("is signed with an algorithm (alg) that is refused");
    for (const parameter of ["crit", "b64", "jku", "x5u", "jwk"]) {
      if (header[parameter] !== undefined) throw unproven(`has the header parameter ${parameter}, which is refused`);
    }
    if (header.typ !== undefined && !/^(pop|jwt)$/i.test(String(header.typ)))
      throw unproven("has another typ than pop");
    checkTarget(payload, target);
    this.#checkTime(payload.ts);
    await verifySignature(signedRequest, payload, claims);
    this.#checkReplay(signedRequest);
  }

  #checkTime(ts: unknown): void {
    const now = this.#clock() / 1000;
    if (typeof ts !== "number" || !Number.isFinite(ts)) throw unproven("has no timestamp (ts)");
    if (Math.abs(now - ts) > windowSeconds) throw unproven("is too old, or from the future (ts)");
  }

  /** A request is good once. RSA-PSS and ECDSA signatures differ each time, so the signed text is what is remembered. */
  #checkReplay(signedRequest: string): void {
    const now = this.#clock();
    const key = hash("sha256", signedRequest.slice(0, signedRequest.lastIndexOf(".")), "base64url");
    const until = this.#seen.get(key);
    if (until !== undefined && now < until) throw unproven("was sent before");
    this.#seen.set(key, now + 2 * windowSeconds * 1000);
  }
}

function checkTarget({ m, u, p }: Record<string, unknown>, target: SignedRequestTarget): void {
  if (target.method === undefined || target.url === undefined || target.host === undefined) {
    throw unproven("cannot be held against the request, whose method, host or path is not known");
  }
  if (typeof m !== "string" || m.toUpperCase() !== target.method.toUpperCase())
    throw unproven("is for another method (m)");
  if (typeof u !== "string" || u.toLowerCase() !== target.host.toLowerCase()) throw unproven("is for another host (u)");
  const path = target.url.split("?")[0] ?? "";
  if (typeof p !== "string" || p !== path) throw unproven("is for another path (p)");
}

async function verifySignature(signedRequest: string, payload: Record<string, unknown>, claims: Claims): Promise<void> {
  const jwk = memberOf(payload.cnf, "jwk");
  const bound = memberOf(claims.cnf, "kid") ?? memberOf(claims.cnf, "jkt");
  if (typeof bound !== "string") throw unproven("comes with an access token that is bound to no key (cnf)");
  if (!isPublicJwk(jwk)) throw unproven("names no public key (cnf)");
  let verified = false;
  try {
    if ((await calculateJwkThumbprint(jwk)) === bound) {
      const header = parsePart(signedRequest.slice(0, signedRequest.indexOf(".")), "header");
      await compactVerify(signedRequest, await importJWK(jwk, String(header.alg)), { algorithms: [...algorithms] });
      verified = true;
    }
  } catch {
    verified = false;
  }
  if (!verified) throw unproven("is not signed with the key that the access token is bound to (cnf)");
}

function isPublicJwk(value: unknown): value is JWK {
  if (typeof value !== "object" || value === null) return false;
  const { kty, d, k } = value as JWK;
  return (kty === "RSA" || kty === "EC") && d === undefined && k === undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function unproven(reason: string) {
  return invalidToken("token_possession_unproven", `The signed HTTP request ${reason}.`);
}
