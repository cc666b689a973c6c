import type { JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import type { Client, Person, Resource } from "../directory/entities.js";
import { GRAPH_APP_ID } from "../directory/well-known.js";
import { accessTokenClaims, type ClientStrength } from "./access-token.js";
import { type ClaimsRequest, readClaimsRequest } from "./claims-request.js";
import { applyConditionalAccess, type SignInStrength } from "./conditional-access.js";
import { clientInfoOf, idTokenClaims } from "./id-token.js";
import { audienceOf, type Issued, issue, scopeOf } from "./issue.js";
import { grantScopes, readDelegatedScope } from "./scopes.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

/** A person for whom a client is to act, and all that decides what the token says. */
export interface Delegation {
  readonly client: Client;
  readonly strength: ClientStrength;
  readonly person: Person;
  readonly scope: string;
  readonly signedIn: SignInStrength;
  /** From the authorization request; ends up in the `id_token`. */
  readonly nonce?: string | undefined;
}

/** Issues an access token with which a client acts for a person, within consent and Conditional Access. */
export async function issueDelegated(
  context: EmulatorContext,
  request: TokenRequest,
  delegation: Delegation,
): Promise<Issued> {
  const { client, strength, person, signedIn } = delegation;
  const tenantId = request.tenant.id;
  const asked = readClaimsRequest(request.get("claims"));
  const access = readDelegatedScope(context, tenantId, delegation.scope);
  const { resource, resourceName } = access;
  const scopes = grantScopes(context, access, { tenantId, client, userId: person.id });
  const guarded = { tenantId, resource: resource.appId, clientId: client.clientId, userId: person.id };
  applyConditionalAccess(context, guarded, { signedIn, asked });

  const claims = accessTokenClaims(context, {
    tenantId,
    client,
    strength,
    person,
    scopes,
    resource,
    audience: audienceOf(resource, resourceName),
    version: resource.tokenVersion,
    lifetime: resource.tokenLifetime,
    extra: strengthClaims(resource, signedIn, asked),
  });
  const revokedAt = context.revocations.revokedAt(person.id);
  if (revokedAt !== undefined && asked.issuedAfter !== undefined && asked.issuedAfter >= revokedAt) {
    context.revocations.satisfy(person.id, String(claims.uti));
  }
  const more = await extras(context, request, delegation, access.openid);
  return issue(context, claims, { scope: scopeOf(resource, resourceName, scopes), ...more });
}

async function extras(
  context: EmulatorContext,
  request: TokenRequest,
  { client, person, scope, signedIn, nonce }: Delegation,
  openid: readonly string[],
) {
  const tenantId = request.tenant.id;
  const refresh = () =>
    context.refreshTokens.issue({ tenantId, clientId: client.clientId, userId: person.id, scope, signedIn });
  return {
    ...(openid.includes("offline_access") ? { refresh_token: refresh() } : {}),
    ...(openid.includes("openid")
      ? { id_token: await context.keys.sign(idTokenClaims(context, { tenantId, client, person, nonce })) }
      : {}),
    ...(request.get("client_info") === "1" ? { client_info: clientInfoOf(person, tenantId) } : {}),
  };
}

function strengthClaims(resource: Resource, signedIn: SignInStrength, asked: ClaimsRequest): JWTPayload {
  // An API sees what a client can handle only when it registered for the claim, as Microsoft Graph has.
  const showsCapabilities = resource.appId === GRAPH_APP_ID || resource.optionalClaims.includes("xms_cc");
  return {
    ...(signedIn.mfa ? { amr: ["pwd", "mfa"] } : {}),
    ...(signedIn.acrs.length > 0 ? { acrs: [...signedIn.acrs] } : {}),
    ...(showsCapabilities && asked.capabilities.length > 0 ? { xms_cc: [...asked.capabilities] } : {}),
  };
}

/** Finds a person of the request's tenant. @throws {TokenError} 50034 unknown, 50057 disabled */
export function requirePerson(context: EmulatorContext, request: TokenRequest, idOrUsername: string): Person {
  const person = context.directory.person(request.tenant.id, idOrUsername);
  if (!person) {
    throw refuse(50034, { user: idOrUsername, tenant: request.tenant.displayName ?? request.tenant.domain });
  }
  if (!person.enabled) throw refuse(50057, { user: person.username });
  return person;
}
