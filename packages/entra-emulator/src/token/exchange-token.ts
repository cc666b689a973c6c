import type { JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import type { AgentIdentity, Blueprint } from "../directory/entities.js";
import { TOKEN_EXCHANGE_APP_ID } from "../directory/well-known.js";
import { type AccessTokenSubject, accessTokenClaims } from "./access-token.js";
import { refuse } from "./token-error.js";
import { type IssuedToken, lifetimeOf, verifyIssued } from "./verify-issued.js";

/** Tolerance for assertions that are checked against the clock, in seconds, as Entra allows. */
export const CLOCK_SKEW = 300;

/**
 * The `sub` of T1: `/eid1/c/pub/t/{tenant}/a/{blueprint}/{agent identity}`, tenant and blueprint as base64url of the
 * GUID's bytes in .NET's order.
 */
export function exchangeSubject(tenantId: string, blueprintId: string, fmiPath: string): string {
  return `/eid1/c/pub/t/${encodeGuid(tenantId)}/a/${encodeGuid(blueprintId)}/${fmiPath}`;
}

/** The claims of T1: a blueprint impersonates one of its agent identities. */
export function exchangeTokenClaims(
  context: EmulatorContext,
  blueprint: Blueprint,
  agent: AgentIdentity,
  base: Pick<AccessTokenSubject, "tenantId" | "strength" | "lifetime">,
): JWTPayload {
  return accessTokenClaims(context, {
    ...base,
    client: blueprint,
    audience: TOKEN_EXCHANGE_APP_ID,
    version: "2.0",
    extra: {
      sub: exchangeSubject(base.tenantId, blueprint.clientId, agent.clientId),
      xms_idrel: "7 26",
      xms_ficinfo: "CAAQABgAIAAoAjAA",
    },
  });
}

/**
 * Checks that a client assertion is T1 for this agent identity: issued by its own blueprint, in its tenant, in time.
 *
 * @throws {TokenError} 700027 signature, 700024 lifetime, 700211 issuer, 700212 audience, 700213 subject
 */
export async function requireExchangeTokenFor(
  context: EmulatorContext,
  agent: AgentIdentity,
  assertion: string,
): Promise<void> {
  const { claims, tenantId } = await requireExchangeToken(context, assertion);
  if (tenantId !== agent.tenant) throw refuse(700211, { issuer: String(claims.iss) });
  const expected = exchangeSubject(agent.tenant, agent.blueprint, agent.clientId);
  if (claims.sub !== expected || claims.azp !== agent.blueprint) {
    throw refuse(700213, { subject: String(claims.sub) });
  }
}

/**
 * Checks that a token is an exchange token of this emulator (T1 or T2) and in time.
 *
 * @throws {TokenError} 700027 signature, 700211 issuer, 700024 lifetime, 700212 audience
 */
export async function requireExchangeToken(context: EmulatorContext, assertion: string): Promise<IssuedToken> {
  const issued = await verifyIssued(context, assertion);
  if (issued === "wrong-issuer") throw refuse(700211, { issuer: "unknown" });
  if (issued === "malformed") throw refuse(50027, { reason: "The client assertion is not a JWT" });
  if (typeof issued === "string") throw refuse(700027, { reason: "The signature does not match a published key" });
  requireInTime(context, issued.claims);
  if (issued.claims.aud !== TOKEN_EXCHANGE_APP_ID) throw refuse(700212, { audience: String(issued.claims.aud) });
  return issued;
}

/** Refuses a client assertion outside its lifetime. @throws {TokenError} 700024 */
export function requireInTime(context: EmulatorContext, claims: JWTPayload): void {
  const now = context.clock.seconds();
  if (lifetimeOf(claims, now, CLOCK_SKEW) === "valid") return;
  throw refuse(700024, { now: iso(now), from: iso(claims.nbf ?? claims.iat), expires: iso(claims.exp) });
}

/** Seconds since the epoch for an error text. */
export function iso(seconds: number | undefined): string {
  return seconds === undefined ? "(absent)" : new Date(seconds * 1000).toISOString();
}

function encodeGuid(guid: string): string {
  const [a = "", b = "", c = "", ...rest] = guid.split("-");
  const reversed = (hex: string) => Buffer.from(hex, "hex").reverse();
  const bytes = Buffer.concat([reversed(a), reversed(b), reversed(c), Buffer.from(rest.join(""), "hex")]);
  return bytes.toString("base64url");
}
