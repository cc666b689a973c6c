import type { Directory } from "../../directory/directory.js";
import { appIdUriOf, derivedGuid } from "../../directory/directory.js";
import type { AgentIdentity, Blueprint } from "../../directory/entities.js";

/** The object id of a blueprint's application object; its service principal has another. */
export function applicationObjectId(blueprint: Blueprint): string {
  return derivedGuid(`application/${blueprint.clientId}`);
}

/** A blueprint as Graph returns it. Secrets are never among it. */
export function toGraphBlueprint(blueprint: Blueprint): object {
  return {
    "@odata.type": "#microsoft.graph.agentIdentityBlueprint",
    id: applicationObjectId(blueprint),
    appId: blueprint.clientId,
    displayName: blueprint.displayName,
    signInAudience: blueprint.multiTenant ? "AzureADMultipleOrgs" : "AzureADMyOrg",
    identifierUris: blueprint.api ? [appIdUriOf(blueprint)] : [],
    api: { oauth2PermissionScopes: blueprint.api?.scopes.map((value) => ({ value, isEnabled: true })) ?? [] },
    appRoles: blueprint.api?.roles.map((value) => ({ value, isEnabled: true })) ?? [],
    passwordCredentials: blueprint.secrets.map(({ displayName, expires }) => ({
      displayName: displayName ?? null,
      endDateTime: expires ?? null,
      secretText: null,
    })),
  };
}

/** A blueprint's service principal as Graph returns it. */
export function toGraphPrincipal(directory: Directory, blueprint: Blueprint, tenantId: string): object {
  return {
    "@odata.type": "#microsoft.graph.agentIdentityBlueprintPrincipal",
    id: directory.objectIdOf(blueprint, tenantId),
    appId: blueprint.clientId,
    displayName: blueprint.displayName,
    servicePrincipalType: "Application",
    accountEnabled: blueprint.enabled,
    appOwnerOrganizationId: blueprint.tenant,
  };
}

/** An agent identity as Graph returns it. */
export function toGraphAgent(agent: AgentIdentity): object {
  return {
    "@odata.type": "#microsoft.graph.agentIdentity",
    id: agent.clientId,
    appId: agent.clientId,
    displayName: agent.displayName,
    agentIdentityBlueprintId: agent.blueprint,
    servicePrincipalType: "ServiceIdentity",
    accountEnabled: agent.enabled,
  };
}
