import type { JWTPayload } from "jose";
import { type EmulatorContext, issuerV2 } from "../context.js";
import type { Person } from "../directory/entities.js";
import { GRAPH_APP_ID, GRAPH_URI } from "../directory/well-known.js";
import { claimsChallenge, missingAuthenticationContext } from "../token/conditional-access.js";
import { lifetimeOf, verifyIssued } from "../token/verify-issued.js";
import { GraphError } from "./graph-error.js";

/** Who calls Graph, by the token that was presented and accepted. */
export interface GraphCaller {
  readonly claims: JWTPayload;
  readonly tenantId: string;
  readonly clientId: string;
  /** The person, for delegated tokens. */
  readonly person: Person | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

const AUDIENCES = new Set([GRAPH_URI, `${GRAPH_URI}/`, GRAPH_APP_ID]);

/**
 * Validates the token of a request to Graph: signature, issuer, audience, lifetime, and that its user still exists.
 *
 * @throws {GraphError} 401 `InvalidAuthenticationToken`
 */
export async function requireGraphCaller(
  context: EmulatorContext,
  authorization: string | undefined,
): Promise<GraphCaller> {
  const token = bearerToken(authorization);
  if (!token) throw unauthenticated(context, "Access token is empty.");
  const issued = await verifyIssued(context, token);
  if (issued === "malformed") throw unauthenticated(context, "IDX14100: JWT is not well formed.");
  if (issued === "wrong-issuer") throw unauthenticated(context, "Access token validation failure. Invalid issuer.");
  if (typeof issued === "string") throw unauthenticated(context, "Signing key is invalid.");
  const { claims, tenantId } = issued;
  if (!AUDIENCES.has(String(claims.aud))) {
    throw unauthenticated(context, "Access token validation failure. Invalid audience.");
  }
  const lifetime = lifetimeOf(claims, context.clock.seconds());
  if (lifetime === "expired") throw unauthenticated(context, "Lifetime validation failed, the token is expired.");
  if (lifetime === "not-yet-valid")
    throw unauthenticated(context, "Lifetime validation failed, the token is not yet valid.");
  const isUser = claims.idtyp !== "app";
  const person = isUser ? context.directory.person(tenantId, String(claims.oid)) : undefined;
  if (isUser && !person?.enabled) throw unauthenticated(context, "The user of the token is unknown or disabled.");
  const clientId = String(claims.appid ?? claims.azp);
  if (person) requireFreshEnough(context, { claims, tenantId, clientId, userId: person.id });
  return {
    claims,
    tenantId,
    person,
    clientId,
    scopes: typeof claims.scp === "string" ? claims.scp.split(" ") : [],
    roles: Array.isArray(claims.roles) ? claims.roles.map(String) : [],
  };
}

/** What an operation of Graph needs: any one of these permissions. */
export interface Permissions {
  readonly delegated?: readonly string[];
  readonly application?: readonly string[];
}

/** Lets the caller pass when it holds one of the permissions. @throws {GraphError} 403 `Authorization_RequestDenied` */
export function requirePermission(caller: GraphCaller, permissions: Permissions): void {
  const held = caller.person ? caller.scopes : caller.roles;
  const needed = (caller.person ? permissions.delegated : permissions.application) ?? [];
  if (needed.some((permission) => held.includes(permission))) return;
  throw new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

/** The person of a delegated call. @throws {GraphError} 400 `BadRequest` for an app-only token, as Graph answers it */
export function requireSignedInPerson(caller: GraphCaller): Person {
  if (caller.person) return caller.person;
  throw new GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

/** Continuous Access Evaluation and authentication contexts: what is wrong, a new token can put right. */
function requireFreshEnough(
  context: EmulatorContext,
  { claims, ...who }: { claims: JWTPayload; tenantId: string; clientId: string; userId: string },
): void {
  if (context.revocations.isRevoked(who.userId, String(claims.uti))) {
    throw claimsChallenged(
      context,
      "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
      context.revocations.challengeFor(who.userId),
    );
  }
  const missing = missingAuthenticationContext(context, { ...who, resource: GRAPH_APP_ID }, claims);
  if (missing) {
    throw claimsChallenged(
      context,
      `The authentication context ${missing} is required.`,
      claimsChallenge("acrs", missing),
    );
  }
}

/** @see https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function claimsChallenged(context: EmulatorContext, message: string, claims: string): GraphError {
  const encoded = Buffer.from(claims).toString("base64");
  const challenge = `Bearer realm="", authorization_uri="${context.url}/common/oauth2/v2.0/authorize", client_id="${GRAPH_APP_ID}", error="insufficient_claims", claims="${encoded}"`;
  return new GraphError(401, "InvalidAuthenticationToken", message, challenge);
}

function unauthenticated(context: EmulatorContext, message: string): GraphError {
  const tenant = context.directory.tenants[0]?.id ?? "common";
  const challenge = `Bearer realm="", authorization_uri="${issuerV2(context, tenant)}", client_id="${GRAPH_APP_ID}"`;
  return new GraphError(401, "InvalidAuthenticationToken", message, challenge);
}
