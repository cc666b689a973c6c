import { hash } from "node:crypto";
import { compactVerify } from "jose";
import { LRUCache } from "lru-cache";
import { invalidToken } from "../errors/refusals.js";
import { isGuid } from "../guid.js";
import type { JsonFetcher } from "../http/fetch-json.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import { expectedIssuer, type TokenVersion, tenantOfIssuer } from "./authority.js";
import { type Caller, callerOf } from "./caller.js";
import type { Claims } from "./claims.js";
import { decodeToken } from "./decode-token.js";
import { SigningKeys } from "./signing-keys.js";

/** Algorithms that a token may be signed with. Entra signs with RS256. */
const algorithms = ["RS256"] as const;

/** An inbound token that holds. */
export interface VerifiedToken {
  readonly token: string;
  /** SHA-256 of the token, base64url: the cache key of validation and of on-behalf-of alike. */
  readonly hash: string;
  readonly claims: Claims;
  readonly caller: Caller;
}

/** Verifies inbound tokens for one app, and remembers those that held until they expire. */
export class TokenVerifier {
  readonly #options: ResolvedOptions;
  readonly #keys: Readonly<Record<TokenVersion, SigningKeys>>;
  readonly #verified: LRUCache<string, VerifiedToken>;

  constructor(options: ResolvedOptions, fetchJson: JsonFetcher) {
    this.#options = options;
    const { instance, tenantId, clock, logger } = options;
    const keysOf = (version: TokenVersion) =>
      new SigningKeys({ instance, tenantId, version, fetchJson, clock, logger });
    this.#keys = { "1.0": keysOf("1.0"), "2.0": keysOf("2.0") };
    this.#verified = new LRUCache({ max: options.verifiedTokenCacheMaxEntries });
  }

  /** Fetches the keys of v2.0 tokens, so that the first request does not wait for them. */
  async warmUp(): Promise<void> {
    await this.#keys["2.0"].current();
  }

  /**
   * Verifies a token: shape, algorithm, lifetime, audience, tenant, issuer, signature, in this order, so that what can
   * be refused without a key is.
   * @throws AgentAuthError a `token_*` code (401), or `keys_unavailable` (503)
   */
  async verify(token: string): Promise<VerifiedToken> {
    const tokenHash = hash("sha256", token, "base64url");
    const known = this.#verified.get(tokenHash);
    if (known !== undefined) {
      this.#checkLifetime(known.claims);
      return known;
    }
    const { header, claims } = decodeToken(token, algorithms);
    const version = this.#checkClaims(claims);
    const { keySet, key } = await this.#keys[version].find(header.kid);
    this.#checkIssuer(claims, keySet.metadata.issuer, key.issuer);
    try {
      await compactVerify(token, key.key, { algorithms: [...algorithms] });
    } catch (cause) {
      throw invalidToken("token_signature_invalid", "The access token's signature does not match its key.", cause);
    }
    const verified: VerifiedToken = Object.freeze({ token, hash: tokenHash, claims, caller: callerOf(claims) });
    this.#verified.set(tokenHash, verified);
    return verified;
  }

  #checkClaims(claims: Readonly<Record<string, unknown>>): TokenVersion {
    this.#checkLifetime(claims);
    const { aud, tid, iss, ver = "2.0" } = claims;
    const audiences = Array.isArray(aud) ? aud : [aud];
    if (!audiences.some((audience) => this.#options.audiences.includes(audience))) {
      throw invalidToken(
        "token_audience_refused",
        `The access token is meant for another audience. Request one for ${this.#options.audiences.join(" or ")}.`,
      );
    }
    if (typeof tid !== "string" || !isGuid(tid)) {
      throw invalidToken("token_claim_missing", "The access token names no tenant (tid).");
    }
    if (typeof iss !== "string" || iss === "") {
      throw invalidToken("token_claim_missing", "The access token names no issuer (iss).");
    }
    if (ver !== "1.0" && ver !== "2.0") {
      throw invalidToken("token_claim_invalid", "The access token's ver is neither 1.0 nor 2.0.");
    }
    if (isGuid(this.#options.tenantId) && tid.toLowerCase() !== this.#options.tenantId) {
      throw invalidToken("token_tenant_refused", "The access token comes from a tenant that this API does not serve.");
    }
    if (tenantOfIssuer(iss) !== tid.toLowerCase()) {
      throw invalidToken("token_issuer_refused", "The access token's issuer (iss) and tenant (tid) disagree.");
    }
    return ver;
  }

  #checkLifetime(claims: Readonly<Record<string, unknown>>): void {
    const now = this.#options.clock() / 1000;
    const tolerance = this.#options.clockToleranceSeconds;
    const { exp, nbf } = claims;
    if (exp === undefined) throw invalidToken("token_claim_missing", "The access token has no expiry (exp).");
    if (typeof exp !== "number" || !Number.isFinite(exp)) {
      throw invalidToken("token_claim_invalid", "The access token's exp is not a number.");
    }
    if (nbf !== undefined && (typeof nbf !== "number" || !Number.isFinite(nbf))) {
      throw invalidToken("token_claim_invalid", "The access token's nbf is not a number.");
    }
    if (now >= exp + tolerance) {
      throw invalidToken("token_expired", "The access token has expired. Request a new one.");
    }
    if (nbf !== undefined && now < nbf - tolerance) {
      throw invalidToken("token_not_yet_valid", "The access token is not valid yet. Check the clocks.");
    }
  }

  #checkIssuer(
    claims: Readonly<Record<string, unknown>>,
    issuer: string,
    keyIssuer: string | undefined,
  ): asserts claims is Claims {
    const tid = claims.tid as string;
    if (!issuer.includes("{tenantid}") && tenantOfIssuer(issuer) !== tid.toLowerCase()) {
      throw invalidToken("token_tenant_refused", "The access token comes from a tenant that this API does not serve.");
    }
    if (claims.iss !== expectedIssuer(issuer, tid)) {
      throw invalidToken("token_issuer_refused", "The access token comes from an issuer that this API does not trust.");
    }
    if (keyIssuer !== undefined && claims.iss !== expectedIssuer(keyIssuer, tid)) {
      throw invalidToken("token_issuer_refused", "The access token is signed with a key of another issuer.");
    }
  }
}
