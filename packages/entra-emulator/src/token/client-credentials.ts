import type { EmulatorContext } from "../context.js";
import type { AgentIdentity, Blueprint } from "../directory/entities.js";
import { assignedRoles } from "../directory/permissions.js";
import { TOKEN_EXCHANGE_APP_ID } from "../directory/well-known.js";
import { accessTokenClaims } from "./access-token.js";
import { authenticateClient } from "./client-authentication.js";
import { exchangeTokenClaims } from "./exchange-token.js";
import { audienceOf, type Issued, issue } from "./issue.js";
import { readAppScope } from "./scopes.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

/**
 * `client_credentials`: an application, blueprint or agent identity acts as itself; with `fmi_path` a blueprint obtains
 * T1 for one of its agent identities; an agent identity that asks for the exchange scope obtains T2.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 * @see https://learn.microsoft.com/entra/agent-id/agent-autonomous-app-oauth-flow
 */
export async function clientCredentials(context: EmulatorContext, request: TokenRequest): Promise<Issued> {
  const tenantId = request.tenant.id;
  const { client, strength } = await authenticateClient(context, request);
  const { resource, resourceName } = readAppScope(context, tenantId, request.require("scope"));
  const base = { tenantId, strength, lifetime: resource.tokenLifetime };
  const fmiPath = request.get("fmi_path");

  if (resource.appId === TOKEN_EXCHANGE_APP_ID && client.kind === "blueprint") {
    if (!fmiPath) throw refuse(82008);
    const agent = requireChild(context, request, client, fmiPath);
    return issue(context, exchangeTokenClaims(context, client, agent, base));
  }
  if (fmiPath) {
    throw refuse(90023, {
      reason: `'fmi_path' is for an agent identity blueprint that requests the scope api://AzureADTokenExchange/.default.`,
    });
  }
  const roles = assignedRoles(context.directory, { tenantId, client, resource });
  const claims = accessTokenClaims(context, {
    ...base,
    client,
    resource,
    roles,
    audience: audienceOf(resource, resourceName),
    version: resource.tokenVersion,
  });
  return issue(context, claims);
}

function requireChild(
  context: EmulatorContext,
  request: TokenRequest,
  blueprint: Blueprint,
  fmiPath: string,
): AgentIdentity {
  const agent = context.directory.client(request.tenant.id, fmiPath);
  if (agent?.kind !== "agent-identity" || agent.blueprint !== blueprint.clientId) {
    throw refuse(700016, { client: fmiPath, tenant: request.tenant.displayName ?? request.tenant.domain });
  }
  if (!agent.enabled) throw refuse(7000112, { client: agent.clientId, name: agent.displayName });
  return agent;
}
