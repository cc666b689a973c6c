import type { EmulatorContext } from "../context.js";
import type { Client, Resource } from "../directory/entities.js";
import { grantedScopes } from "../directory/permissions.js";
import { GRAPH_APP_ID } from "../directory/well-known.js";
import { refuse } from "./token-error.js";

const OPENID_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);

/** One API and what was asked of it. */
export interface RequestedAccess {
  readonly resource: Resource;
  /** The resource as the request named it; the audience of a version 1.0 token. */
  readonly resourceName: string;
  /** Empty when `/.default` was asked for. */
  readonly scopes: readonly string[];
  readonly isDefault: boolean;
  /** `openid`, `profile`, `email`, `offline_access`, as far as they were asked for. */
  readonly openid: readonly string[];
}

/**
 * Reads the scope of an app-only request: exactly one `{resource}/.default`.
 *
 * @throws {TokenError} 1002012 when it is anything else, 500011 when the tenant does not know the resource
 */
export function readAppScope(context: EmulatorContext, tenantId: string, scope: string): RequestedAccess {
  const match = /^(\S+)\/\.default$/.exec(scope.trim());
  const resourceName = match?.[1];
  if (!resourceName) throw refuse(1002012, { scope });
  const resource = findResource(context, tenantId, resourceName);
  return { resource, resourceName, scopes: [], isDefault: true, openid: [] };
}

/**
 * Reads the scope of a delegated request: permissions of one API, or its `/.default`, and OpenID Connect scopes.
 *
 * @throws {TokenError} 70011 when it names no API or more than one, 500011 when the tenant does not know the API
 */
export function readDelegatedScope(context: EmulatorContext, tenantId: string, scope: string): RequestedAccess {
  const asked = scope.split(/\s+/).filter(Boolean);
  const openid = asked.filter((part) => OPENID_SCOPES.has(part));
  const permissions = asked.filter((part) => !OPENID_SCOPES.has(part)).map(splitPermission);
  const resourceNames = [...new Set(permissions.map((permission) => permission.resourceName))];
  // Asking for OpenID Connect scopes alone yields a token for Microsoft Graph, as it does at Entra.
  const resourceName = resourceNames[0] ?? GRAPH_APP_ID;
  if (resourceNames.length > 1 || asked.length === 0) throw refuse(70011, { scope });
  const names = permissions.map((permission) => permission.name);
  const isDefault = names.includes(".default");
  if (isDefault && names.length > 1) throw refuse(70011, { scope });
  const resource = findResource(context, tenantId, resourceName);
  return { resource, resourceName, scopes: isDefault ? [] : names, isDefault, openid };
}

/**
 * Decides the `scp` of a delegated token: for `/.default` everything that was granted, else what was asked for.
 *
 * @throws {TokenError} 650053 for a scope that the API does not have, 65001 for one that was not consented to
 */
export function grantScopes(
  context: EmulatorContext,
  access: RequestedAccess,
  to: { tenantId: string; client: Client; userId: string },
): string[] {
  const { client } = to;
  const granted = grantedScopes(context.directory, { ...to, resource: access.resource });
  const unknown = access.scopes.find((scope) => !access.resource.scopes.includes(scope));
  if (unknown) {
    throw refuse(650053, { name: client.displayName, scope: unknown, resource: access.resource.appId });
  }
  const given = access.isDefault ? granted : [...access.scopes];
  const onlyOpenid = !access.isDefault && access.scopes.length === 0;
  if (given.some((scope) => !granted.includes(scope)) || (given.length === 0 && !onlyOpenid)) {
    throw refuse(65001, { client: client.clientId, name: client.displayName });
  }
  // OpenID Connect scopes show in tokens for Microsoft Graph, whose UserInfo endpoint they open, and in no others.
  const openid = access.resource.appId === GRAPH_APP_ID ? access.openid : [];
  return [...given, ...openid.filter((scope) => scope !== "offline_access")];
}

function findResource(context: EmulatorContext, tenantId: string, name: string): Resource {
  const resource = context.directory.resource(tenantId, name);
  if (!resource) {
    const tenant = context.directory.tenant(tenantId);
    throw refuse(500011, { resource: name, tenant: tenant?.displayName ?? tenantId });
  }
  return resource;
}

function splitPermission(permission: string): { resourceName: string; name: string } {
  const slash = permission.lastIndexOf("/");
  if (slash < 0) return { resourceName: GRAPH_APP_ID, name: permission };
  return { resourceName: permission.slice(0, slash), name: permission.slice(slash + 1) };
}
