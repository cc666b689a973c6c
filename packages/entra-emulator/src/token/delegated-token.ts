import type { EmulatorContext } from "../context.js";
import type { Client, Person } from "../directory/entities.js";
import { accessTokenClaims, type ClientStrength } from "./access-token.js";
import { applyConditionalAccess } from "./conditional-access.js";
import { audienceOf, type Issued, issue, scopeOf } from "./issue.js";
import { grantScopes, readDelegatedScope } from "./scopes.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

interface Delegation {
  readonly client: Client;
  readonly strength: ClientStrength;
  readonly person: Person;
  readonly scope: string;
}

/** Issues an access token with which a client acts for a person, within consent and Conditional Access. */
export async function issueDelegated(
  context: EmulatorContext,
  request: TokenRequest,
  { client, strength, person, scope }: Delegation,
): Promise<Issued> {
  const tenantId = request.tenant.id;
  const access = readDelegatedScope(context, tenantId, scope);
  const { resource, resourceName } = access;
  const scopes = grantScopes(context, access, { tenantId, client, userId: person.id });
  applyConditionalAccess(context, { tenantId, resource, clientId: client.clientId, userId: person.id });
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
  });
  return issue(context, claims, { scope: scopeOf(resource, resourceName, scopes) });
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
