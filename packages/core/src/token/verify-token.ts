import { verify } from "node:crypto";
import { invalidToken } from "../errors/refusals.js";
import type { JsonFetcher } from "../http/fetch-json.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import { discoveryUrl, type TokenVersion, tenantOfIssuer } from "./authority.js";
import { callerOf } from "./caller.js";
import { checkClaims, checkIssuer } from "./check-claims.js";
import type { Claims } from "./claims.js";
import { refuseSeveralCredentials } from "./credential.js";
import { decodeToken } from "./decode-token.js";
import { type DecryptionKeys, decryptToken, isEncrypted } from "./decrypt-token.js";
import { type SigningKey, SigningKeys } from "./signing-keys.js";
import { TenantFilter } from "./tenant-filter.js";
import type { TokenFingerprint } from "./token-fingerprint.js";
import { VerifiedTokenCache } from "./verified-token-cache.js";

/** Algorithms that a token may be signed with. Entra signs with RS256. */
const algorithms = ["RS256"] as const;

/** An inbound token that held. While it is remembered, the same token gives the same object. */
export interface VerifiedToken {
  readonly claims: Claims;
  /** SHA-256 of the token as it came, base64url, once somebody asked for it: see `InboundToken.hash`. */
  hash: string | undefined;
  /** The signed token inside an encrypted one, which is what Entra takes as assertion. */
  readonly inner: string | undefined;
}

interface Remembered extends VerifiedToken {
  readonly key: SigningKey;
}

/** Verifies inbound tokens for one app, and remembers those that held until they expire. */
export class TokenVerifier {
  readonly #options: ResolvedOptions;
  readonly #keys: Readonly<Record<TokenVersion, SigningKeys>>;
  readonly #tenants: TenantFilter;
  readonly #decryptionKeys: DecryptionKeys | undefined;
  readonly #verified: VerifiedTokenCache<Remembered>;

  constructor(options: ResolvedOptions, fetchJson: JsonFetcher, decryptionKeys?: DecryptionKeys) {
    this.#options = options;
    const { clock, logger } = options;
    const location = { instance: options.instance, tenantId: options.tenantId, authority: options.authority };
    const keysOf = (version: TokenVersion) =>
      new SigningKeys({
        url: discoveryUrl(location, version),
        fetchJson,
        clock,
        logger,
        onWithdrawn: () => this.#verified.deleteWhere(({ key }) => !key.published),
      });
    this.#keys = { "1.0": keysOf("1.0"), "2.0": keysOf("2.0") };
    this.#tenants = new TenantFilter(options.allowedTenants, clock);
    this.#decryptionKeys = decryptionKeys;
    this.#verified = new VerifiedTokenCache(options.verifiedTokenCacheMaxEntries);
  }

  /** Fetches the keys of v2.0 tokens, so that the first request does not wait for them. */
  async warmUp(): Promise<void> {
    await this.#keys["2.0"].current();
  }

  /**
   * Verifies a token: shape, algorithm, lifetime, audience, tenant, then issuer and signature, in this order, so that
   * what can be refused without a key is. A token that is known is given back at once.
   * @param fingerprint of the token
   * @throws AgentAuthError a `token_*` code (401), `keys_unavailable` or `tenant_check_failed` (503)
   */
  verify(token: string, fingerprint: TokenFingerprint): VerifiedToken | Promise<VerifiedToken> {
    const known = this.#verified.get(fingerprint, this.#options.clock() / 1000);
    if (known === undefined) return this.#verifyNew(token, fingerprint);
    const tenantCheck = this.#tenants.check(known);
    return tenantCheck === undefined ? known : tenantCheck.then(() => known);
  }

  async #verifyNew(token: string, fingerprint: TokenFingerprint): Promise<VerifiedToken> {
    refuseSeveralCredentials(token);
    const inner = isEncrypted(token) ? await decryptToken(token, this.#decryptionKeys) : undefined;
    const signed = inner ?? token;
    const { header, claims: unverified } = decodeToken(signed, algorithms);
    const keys = this.#keys[checkClaims(unverified, this.#options)];
    const { keySet, key } = await keys.find(header.kid);
    checkIssuer(unverified, this.#options, { metadata: keySet.metadata, key });
    if (!isSignedWith(key, signed)) {
      throw invalidToken("token_signature_invalid", "The access token's signature does not match its key.");
    }
    const claims = withTenant(unverified as unknown as Claims);
    const verified: Remembered = { claims, inner, key, hash: undefined };
    await this.#tenants.check(verified);
    // A caller that cannot be told is refused now; it is cheap to tell again, and not kept.
    callerOf(claims);
    const tolerance = this.#options.clockToleranceSeconds;
    // Meanwhile the key may have been withdrawn, and what it signed forgotten.
    if (key.published) {
      this.#verified.set(fingerprint, verified, {
        notBefore: Math.ceil((claims.nbf ?? 0) - tolerance),
        notAfter: Math.floor(claims.exp + tolerance),
      });
    }
    return verified;
  }
}

/**
 * RS256. In this thread, because the verification is shorter than the way to another one and back.
 * @see RFC 7518 section 3.3
 */
function isSignedWith({ key }: SigningKey, token: string): boolean {
  const dot = token.lastIndexOf(".");
  const text = Buffer.from(token.slice(0, dot), "latin1");
  return verify("sha256", text, key, Buffer.from(token.slice(dot + 1), "base64url"));
}

/** Claims of an authority that states the tenant in the issuer alone (B2C). */
function withTenant(claims: Claims): Claims {
  if (claims.tid !== undefined) return claims;
  const tid = tenantOfIssuer(claims.iss);
  return tid === undefined
    ? claims
    : ({ ...claims, tid, ...(claims.oid === undefined && { oid: claims.sub }) } as Claims);
}
