import { AgentAuthError } from "../../errors/agent-auth-error.js";
import type { DownstreamApiOptions } from "../../options/agent-auth-options.js";

/** What decides which scopes a leg asks for. */
export interface ScopeInput {
  /** Name of the downstream API. */
  readonly service: string;
  readonly api: DownstreamApiOptions;
  /** Replaces the service's scopes. */
  readonly scopes: readonly string[] | undefined;
}

const graph = "https://graph.microsoft.com";
const openIdScopes: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * The delegated scopes of a call: its own, else the service's.
 * @throws AgentAuthError `service_scopes_missing`, `service_scopes_invalid` where Entra would answer AADSTS70011
 */
export function delegatedScopes(input: ScopeInput): readonly string[] {
  const scopes = input.scopes ?? input.api.scopes ?? [];
  if (scopes.length === 0) throw scopesMissing(input.service, "scopes");
  const apiScopes = scopes.filter((scope) => !openIdScopes.has(scope));
  const resources = new Set(apiScopes.map(resourceOf));
  if (resources.size > 1) {
    throw scopesInvalid(
      input.service,
      `are of more than one resource (${[...resources].join(", ")}); Entra would answer AADSTS70011. Make each resource a service of its own.`,
    );
  }
  if (apiScopes.length > 1 && apiScopes.some(isDefaultScope)) {
    throw scopesInvalid(
      input.service,
      "mix /.default with others; Entra would answer AADSTS70011. Ask for /.default alone, or for the others.",
    );
  }
  return scopes;
}

/**
 * The scope of an app-only call: the call's, else the service's `appScopes`, else `/.default` of the resource that its
 * `scopes` name.
 * @throws AgentAuthError `service_scopes_missing`, `service_scopes_invalid` where Entra would answer AADSTS1002012
 */
export function appScopes(input: ScopeInput): readonly string[] {
  if (input.scopes === undefined && input.api.appScopes !== undefined && input.api.appScopes.length > 0) {
    const { appScopes } = input.api;
    if (appScopes.length > 1 || !appScopes.every(isDefaultScope)) {
      throw scopesInvalid(
        input.service,
        'must be one "{resource}/.default" for an application; Entra would answer AADSTS1002012. Correct appScopes.',
      );
    }
    return appScopes;
  }
  const scope = (input.scopes ?? input.api.scopes ?? []).find((candidate) => !openIdScopes.has(candidate));
  if (scope === undefined) throw scopesMissing(input.service, "appScopes");
  return [defaultScopeOf(scope)];
}

/** `/.default` of the resource that a scope belongs to; a bare scope belongs to Microsoft Graph. */
export function defaultScopeOf(scope: string): string {
  return `${resourceOf(scope)}/.default`;
}

/** The resource that a scope belongs to: what precedes its last `/`, or Microsoft Graph. */
export function resourceOf(scope: string): string {
  const slash = scope.lastIndexOf("/");
  return slash === -1 ? graph : scope.slice(0, slash);
}

function isDefaultScope(scope: string): boolean {
  return scope.endsWith("/.default");
}

function scopesMissing(service: string, key: string): AgentAuthError {
  return new AgentAuthError("service_scopes_missing", {
    detail: `downstreamApis.${service} names no scopes. Set downstreamApis.${service}.${key}, for instance ["https://graph.microsoft.com/.default"].`,
  });
}

function scopesInvalid(service: string, what: string): AgentAuthError {
  return new AgentAuthError("service_scopes_invalid", { detail: `The scopes of downstreamApis.${service} ${what}` });
}
