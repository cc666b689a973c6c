import type { DirectoryDocument } from "./schema.js";
import { GRAPH_APP_ID, GRAPH_ROLES, GRAPH_SCOPES, GRAPH_URI } from "./well-known.js";

/** A mistake in a directory document. */
export interface DirectoryIssue {
  readonly path: string;
  readonly message: string;
}

/** Finds what a document names without having it, and what it has twice. */
export function findBrokenReferences(document: DirectoryDocument): DirectoryIssue[] {
  return [
    ...duplicates(document),
    ...unknownTenants(document),
    ...agentIssues(document),
    ...permissionIssues(document),
  ];
}

const ofTenant = [
  "applications",
  "blueprints",
  "agentIdentities",
  "agentUsers",
  "users",
  "groups",
  "delegatedGrants",
  "roleAssignments",
  "conditionalAccess",
  "managedIdentities",
] as const;

function unknownTenants(document: DirectoryDocument): DirectoryIssue[] {
  const known = new Set(document.tenants.map((tenant) => tenant.id));
  return ofTenant.flatMap((collection) =>
    document[collection].flatMap((entry, index) =>
      known.has(entry.tenant)
        ? []
        : [{ path: `${collection}[${index}].tenant`, message: `there is no tenant ${entry.tenant} in tenants` }],
    ),
  );
}

function duplicates(document: DirectoryDocument): DirectoryIssue[] {
  const seen = new Map<string, string>();
  const issues: DirectoryIssue[] = [];
  const claim = (key: string, path: string) => {
    const first = seen.get(key);
    if (first) issues.push({ path, message: `is the same as ${first}` });
    else seen.set(key, path);
  };
  for (const [i, tenant] of document.tenants.entries()) claim(tenant.id, `tenants[${i}].id`);
  for (const collection of ["applications", "blueprints", "agentIdentities", "managedIdentities"] as const) {
    for (const [i, entry] of document[collection].entries()) claim(entry.clientId, `${collection}[${i}].clientId`);
  }
  for (const collection of ["users", "agentUsers"] as const) {
    for (const [i, entry] of document[collection].entries()) {
      claim(entry.id, `${collection}[${i}].id`);
      claim(entry.username.toLowerCase(), `${collection}[${i}].username`);
    }
  }
  return issues;
}

function agentIssues(document: DirectoryDocument): DirectoryIssue[] {
  const agents = document.agentIdentities.flatMap((agent, index) => {
    const parent = document.blueprints.find((blueprint) => blueprint.clientId === agent.blueprint);
    const path = `agentIdentities[${index}].blueprint`;
    if (!parent) return [{ path, message: `there is no blueprint ${agent.blueprint} in blueprints` }];
    const tenants = [parent.tenant, ...(parent.multiTenant ? parent.principals.map(({ tenant }) => tenant) : [])];
    if (tenants.includes(agent.tenant)) return [];
    return [{ path, message: `the blueprint ${agent.blueprint} has no principal in tenant ${agent.tenant}` }];
  });
  const users = document.agentUsers.flatMap((user, index) => {
    const parent = document.agentIdentities.find((agent) => agent.clientId === user.agentIdentity);
    if (parent?.tenant === user.tenant) return [];
    const message = `there is no agent identity ${user.agentIdentity} in tenant ${user.tenant}`;
    return [{ path: `agentUsers[${index}].agentIdentity`, message }];
  });
  return [...agents, ...users];
}

function permissionIssues(document: DirectoryDocument): DirectoryIssue[] {
  const apis = apisOf(document);
  const clients = new Set(
    [...document.applications, ...document.blueprints, ...document.agentIdentities, ...document.managedIdentities].map(
      ({ clientId }) => clientId,
    ),
  );
  const check = (
    path: string,
    entry: { client: string; resource: string },
    asked: string[],
    kind: "scopes" | "roles",
  ) => {
    const api = apis.get(entry.resource.toLowerCase());
    if (!clients.has(entry.client)) return [{ path: `${path}.client`, message: `there is no client ${entry.client}` }];
    if (!api) return [{ path: `${path}.resource`, message: `there is no API ${entry.resource}` }];
    return asked.flatMap((name, i) =>
      api[kind].includes(name) ? [] : [{ path: `${path}.${kind}[${i}]`, message: `${entry.resource} has no ${name}` }],
    );
  };
  return [
    ...document.delegatedGrants.flatMap((grant, i) => check(`delegatedGrants[${i}]`, grant, grant.scopes, "scopes")),
    ...document.roleAssignments.flatMap((entry, i) => check(`roleAssignments[${i}]`, entry, entry.roles, "roles")),
    ...document.conditionalAccess.flatMap((rule, i) =>
      apis.has(rule.resource.toLowerCase())
        ? []
        : [{ path: `conditionalAccess[${i}].resource`, message: `there is no API ${rule.resource}` }],
    ),
  ];
}

interface Api {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

function apisOf(document: DirectoryDocument): Map<string, Api> {
  const apis = new Map<string, Api>();
  const add = (api: Api, names: readonly string[]) => {
    for (const name of names) apis.set(name.toLowerCase(), api);
  };
  add({ scopes: GRAPH_SCOPES, roles: GRAPH_ROLES }, [GRAPH_APP_ID, GRAPH_URI]);
  for (const resource of document.resources) {
    add(resource, [resource.appId, `api://${resource.appId}`, ...resource.identifierUris]);
  }
  for (const { clientId, api } of [...document.applications, ...document.blueprints]) {
    if (api) add(api, [clientId, `api://${clientId}`, ...api.identifierUris]);
  }
  return apis;
}
