import type { Directory } from "./directory.js";
import type { Blueprint, Client, Resource } from "./entities.js";

interface Grantee {
  readonly tenantId: string;
  readonly client: Client;
  readonly resource: Resource;
}

/**
 * The delegated permissions that a client holds for an API and a user: its own grants, and for an agent identity the
 * ones it inherits from its blueprint.
 */
export function grantedScopes(directory: Directory, grantee: Grantee & { readonly userId: string }): string[] {
  const { tenantId, client, resource, userId } = grantee;
  const grantedTo = (clientId: string) =>
    directory.grants
      .filter((grant) => grant.tenant === tenantId && grant.client === clientId)
      .filter((grant) => directory.resource(tenantId, grant.resource)?.appId === resource.appId)
      .filter((grant) => grant.user === undefined || grant.user === userId)
      .flatMap((grant) => grant.scopes);
  const own = grantedTo(client.clientId);
  const inherited = inherit(directory, grantee, "scopes", grantedTo);
  return unique([...own, ...inherited]).filter((scope) => resource.scopes.includes(scope));
}

/** The application permissions that a client was assigned for an API, inherited ones included. */
export function assignedRoles(directory: Directory, grantee: Grantee): string[] {
  const { tenantId, client, resource } = grantee;
  const assignedTo = (clientId: string) =>
    directory.roleAssignments
      .filter((assignment) => assignment.tenant === tenantId && assignment.client === clientId)
      .filter((assignment) => directory.resource(tenantId, assignment.resource)?.appId === resource.appId)
      .flatMap((assignment) => assignment.roles);
  const own = assignedTo(client.clientId);
  const inherited = inherit(directory, grantee, "roles", assignedTo);
  return unique([...own, ...inherited]).filter((role) => resource.roles.includes(role));
}

/** The blueprint of an agent identity, if it exists in the agent's tenant. */
export function blueprintOf(directory: Directory, client: Client): Blueprint | undefined {
  if (client.kind !== "agent-identity") return undefined;
  const parent = directory.client(client.tenant, client.blueprint);
  return parent?.kind === "blueprint" ? parent : undefined;
}

function inherit(
  directory: Directory,
  { tenantId, client, resource }: Grantee,
  what: "scopes" | "roles",
  heldBy: (clientId: string) => string[],
): string[] {
  const blueprint = blueprintOf(directory, client);
  if (!blueprint) return [];
  const rules = blueprint.inheritablePermissions.filter(
    (rule) => directory.resource(tenantId, rule.resource)?.appId === resource.appId,
  );
  return heldBy(blueprint.clientId).filter((permission) =>
    rules.some((rule) => rule[what] === "all" || rule[what].includes(permission)),
  );
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
