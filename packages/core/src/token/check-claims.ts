import { invalidToken } from "../errors/refusals.js";
import { isGuid } from "../guid.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import { type AuthorityMetadata, expectedIssuer, type TokenVersion, tenantOfIssuer } from "./authority.js";
import type { SigningKey } from "./signing-keys.js";

type UnverifiedClaims = Readonly<Record<string, unknown>>;

/** Rules of an app about the claims of a token. */
export type ClaimRules = Pick<
  ResolvedOptions,
  "clock" | "clockToleranceSeconds" | "audiences" | "issuers" | "tenantId" | "authority"
>;

/**
 * `exp` and `nbf` against the clock.
 * @throws AgentAuthError `token_claim_missing`, `token_claim_invalid`, `token_expired`, `token_not_yet_valid`
 * @see RFC 7519 sections 4.1.4 and 4.1.5
 */
function checkLifetime({ exp, nbf }: UnverifiedClaims, rules: ClaimRules): void {
  const now = rules.clock() / 1000;
  const tolerance = rules.clockToleranceSeconds;
  if (exp === undefined) throw missing("exp");
  if (typeof exp !== "number" || !Number.isFinite(exp)) throw invalid("exp", "is not a number");
  if (nbf !== undefined && (typeof nbf !== "number" || !Number.isFinite(nbf))) throw invalid("nbf", "is not a number");
  if (now >= exp + tolerance) {
    throw invalidToken("token_expired", "The access token has expired (exp). Request a new one.");
  }
  if (nbf !== undefined && now < nbf - tolerance) {
    throw invalidToken("token_not_yet_valid", "The access token is not valid yet (nbf). Check the clocks.");
  }
}

/**
 * What a token says of itself that can be checked without its key: lifetime, audience, tenant, and that tenant and
 * issuer agree. Returns the version, which decides where the key is.
 * @throws AgentAuthError a `token_*` code
 */
export function checkClaims(claims: UnverifiedClaims, rules: ClaimRules): TokenVersion {
  checkLifetime(claims, rules);
  checkAudience(claims, rules);
  const { tid, iss, ver = "2.0" } = claims;
  if (typeof iss !== "string" || iss === "") throw missing("iss");
  // An authority of its own (B2C) has one discovery document for both versions, and names no tenant beside the issuer.
  if (rules.authority !== undefined && tid === undefined) return "2.0";
  if (tid === undefined) throw missing("tid");
  if (typeof tid !== "string" || !isGuid(tid)) throw invalid("tid", "is not a GUID");
  if (ver !== "1.0" && ver !== "2.0") throw invalid("ver", "is neither 1.0 nor 2.0");
  if (isGuid(rules.tenantId) && tid.toLowerCase() !== rules.tenantId) throw otherTenant();
  if (rules.issuers !== null && tenantOfIssuer(iss) !== tid.toLowerCase()) {
    throw invalidToken("token_issuer_refused", "The access token's issuer (iss) and tenant (tid) disagree.");
  }
  return rules.authority === undefined ? ver : "2.0";
}

/**
 * `aud` against the audiences of the app.
 * @throws AgentAuthError `token_claim_missing`, `token_claim_invalid`, `token_audience_refused`
 */
function checkAudience({ aud }: UnverifiedClaims, { audiences }: ClaimRules): void {
  if (audiences === null) return;
  if (aud === undefined) throw missing("aud");
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (named.length === 0 || named.some((audience) => typeof audience !== "string")) {
    throw invalid("aud", "is neither a string nor a list of strings");
  }
  if (!named.some((audience) => audiences.includes(audience as string))) {
    const wanted = audiences.join(" or ");
    throw invalidToken(
      "token_audience_refused",
      `The access token is meant for another audience (aud). Request one for ${wanted}.`,
    );
  }
}

/**
 * `iss` against the issuer that the tenant's metadata states, and against the issuer of the key.
 * @throws AgentAuthError `token_tenant_refused`, `token_issuer_refused`
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
export function checkIssuer(
  claims: UnverifiedClaims,
  rules: ClaimRules,
  source: { readonly metadata: AuthorityMetadata; readonly key: SigningKey },
): void {
  if (rules.issuers === null) return;
  const iss = claims.iss as string;
  const tid = typeof claims.tid === "string" ? claims.tid : (tenantOfIssuer(iss) ?? "");
  const { issuer } = source.metadata;
  const single = rules.issuers === undefined && !issuer.includes("{tenantid}");
  if (single && tenantOfIssuer(issuer) !== tid.toLowerCase()) throw otherTenant();
  const accepted = rules.issuers ?? [issuer];
  if (!accepted.some((candidate) => iss === expectedIssuer(candidate, tid))) {
    throw invalidToken(
      "token_issuer_refused",
      "The access token comes from an issuer (iss) that this API does not trust.",
    );
  }
  if (source.key.issuer !== undefined && iss !== expectedIssuer(source.key.issuer, tid)) {
    throw invalidToken("token_issuer_refused", "The access token (iss) is signed with a key of another issuer.");
  }
}

/** The token's tenant is not served here. */
export function otherTenant() {
  return invalidToken(
    "token_tenant_refused",
    "The access token comes from a tenant (tid) that this API does not serve.",
  );
}

function missing(claim: string) {
  return invalidToken("token_claim_missing", `The access token lacks the claim ${claim}.`);
}

function invalid(claim: string, reason: string) {
  return invalidToken("token_claim_invalid", `The access token's claim ${claim} ${reason}.`);
}
