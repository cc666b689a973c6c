import { invalidToken } from "../errors/refusals.js";
import type { Claims } from "./claims.js";

/** Facets of a token: what actor, subject and tenant are. Numbers that are not known here are kept. */
export interface CallerFacets {
  readonly actor: readonly number[];
  readonly subject: readonly number[];
  readonly tenant: readonly number[];
}

interface CallerBase {
  /** Tenant (GUID) that issued the token. */
  readonly tenantId: string;
  readonly facets: CallerFacets;
}

interface DelegatedCaller extends CallerBase {
  /** Object id (GUID) of the user. */
  readonly userId: string;
  /** User principal name, where the token tells. For display, never for authorization. */
  readonly username: string | undefined;
  /** Delegated permissions (`scp`). */
  readonly scopes: readonly string[];
  /** Roles of the user (`roles`). */
  readonly roles: readonly string[];
}

interface AgentActor {
  /** Client id (GUID) of the acting agent identity. */
  readonly agentIdentity: string;
  /** Client id (GUID) of its blueprint, where the token tells. For audit; not for authorization by itself. */
  readonly blueprint: string | undefined;
}

/** A human through an ordinary app. */
export interface UserCaller extends DelegatedCaller {
  readonly kind: "user";
  /** Client id (GUID) of the app that the user uses. */
  readonly clientId: string;
}

/** An ordinary app as itself. */
export interface AppCaller extends CallerBase {
  readonly kind: "app";
  readonly clientId: string;
  /** Object id (GUID) of the app's service principal, where the token tells. */
  readonly servicePrincipalId: string | undefined;
  /** Application permissions (`roles`). */
  readonly roles: readonly string[];
}

/** An autonomous agent. */
export interface AgentCaller extends CallerBase, AgentActor {
  readonly kind: "agent";
  /** Application permissions (`roles`). */
  readonly roles: readonly string[];
}

/** An agent's own user account. */
export interface AgentUserCaller extends DelegatedCaller, AgentActor {
  readonly kind: "agent-user";
}

/** An agent that acts for a human. */
export interface AgentOnBehalfOfUserCaller extends DelegatedCaller, AgentActor {
  readonly kind: "agent-on-behalf-of-user";
}

/** Who calls. Each kind has just the fields that exist for it. */
export type Caller = UserCaller | AppCaller | AgentCaller | AgentUserCaller | AgentOnBehalfOfUserCaller;

/** Facet numbers that mean something here. @see https://learn.microsoft.com/entra/agent-id/ (token claims reference) */
const agentIdentityFacet = 11;
const agentUserFacet = 13;

/**
 * Tells who a verified token speaks for. Pure. What contradicts itself is refused rather than guessed at, so that an
 * agent is never taken for a human.
 * @throws AgentAuthError `token_claim_missing`, `token_claim_invalid`
 */
export function callerOf(claims: Claims): Caller {
  const tenantId = requiredString(claims, "tid");
  const clientId = optionalString(claims, "azp") ?? requiredString(claims, "appid", "azp or appid");
  const facets: CallerFacets = {
    actor: facetList(claims, "xms_act_fct"),
    subject: facetList(claims, "xms_sub_fct"),
    tenant: facetList(claims, "xms_tnt_fct"),
  };
  const blueprint = optionalString(claims, "xms_par_app_azp");
  const scopes = scopeList(claims);
  const roles = roleList(claims);
  const actorIsAgent = facets.actor.includes(agentIdentityFacet) || blueprint !== undefined;
  const subjectIsAgentUser = facets.subject.includes(agentUserFacet);

  if (saysAppOnly(claims, scopes)) {
    if (subjectIsAgentUser) throw contradiction("xms_sub_fct says agent user, idtyp says app");
    if (actorIsAgent) return { kind: "agent", tenantId, agentIdentity: clientId, blueprint, roles, facets };
    if (facets.subject.includes(agentIdentityFacet)) throw contradiction("xms_sub_fct and xms_act_fct");
    return { kind: "app", tenantId, clientId, servicePrincipalId: optionalString(claims, "oid"), roles, facets };
  }
  const userId = requiredString(claims, "oid");
  const username = optionalString(claims, "preferred_username") ?? optionalString(claims, "upn");
  const delegated = { tenantId, userId, username, scopes, roles, facets };
  if (subjectIsAgentUser) {
    if (!actorIsAgent) throw contradiction("xms_sub_fct says agent user, xms_act_fct does not say agent identity");
    return { kind: "agent-user", ...delegated, agentIdentity: clientId, blueprint };
  }
  if (facets.subject.includes(agentIdentityFacet))
    throw contradiction("xms_sub_fct says agent identity, idtyp says user");
  if (actorIsAgent) return { kind: "agent-on-behalf-of-user", ...delegated, agentIdentity: clientId, blueprint };
  return { kind: "user", ...delegated, clientId };
}

/** Whether an agent acts: autonomously, on behalf of a user, or as its own user. */
export function isAgent(caller: Caller): caller is AgentCaller | AgentUserCaller | AgentOnBehalfOfUserCaller {
  return caller.kind !== "user" && caller.kind !== "app";
}

/** Whether a user is present: a human, or an agent's own user account. */
export function isDelegated(caller: Caller): caller is UserCaller | AgentUserCaller | AgentOnBehalfOfUserCaller {
  return caller.kind !== "app" && caller.kind !== "agent";
}

/** Whether no user is present: an app or an autonomous agent. */
export function isAppOnly(caller: Caller): caller is AppCaller | AgentCaller {
  return !isDelegated(caller);
}

/** Whether an agent's own user account calls. */
export function isAgentUser(caller: Caller): caller is AgentUserCaller {
  return caller.kind === "agent-user";
}

/** Client id (GUID) of the blueprint of the agent that acts, where an agent acts and its token tells. */
export function blueprintOf(caller: Caller): string | undefined {
  return isAgent(caller) ? caller.blueprint : undefined;
}

/** Without `idtyp` (an optional claim), a token with scopes is a user's, and one without is an app's. */
function saysAppOnly(claims: Claims, scopes: readonly string[]): boolean {
  const { idtyp } = claims;
  if (idtyp === undefined) return scopes.length === 0;
  if (idtyp === "user") return false;
  if (idtyp !== "app") throw invalidToken("token_claim_invalid", "The access token's idtyp is neither user nor app.");
  if (scopes.length > 0) throw contradiction("scp holds delegated permissions, idtyp says app");
  return true;
}

function contradiction(what: string) {
  return invalidToken("token_claim_invalid", `The access token's claims contradict each other: ${what}.`);
}

function optionalString(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string")
    throw invalidToken("token_claim_invalid", `The access token's ${name} is not a string.`);
  return value;
}

function requiredString(claims: Claims, name: string, shown = name): string {
  const value = optionalString(claims, name);
  if (value === undefined) throw invalidToken("token_claim_missing", `The access token lacks the claim ${shown}.`);
  return value;
}

function scopeList(claims: Claims): readonly string[] {
  const value = optionalString(claims, "scp");
  if (value === undefined || value === "/") return [];
  return value.split(" ").filter((scope) => scope !== "");
}

function roleList(claims: Claims): readonly string[] {
  const { roles } = claims as { readonly roles?: unknown };
  if (roles === undefined) return [];
  if (!Array.isArray(roles) || !roles.every((role): role is string => typeof role === "string")) {
    throw invalidToken("token_claim_invalid", "The access token's roles is not a list of strings.");
  }
  return roles;
}

/** Space-separated integers in no order. */
function facetList(claims: Claims, name: string): readonly number[] {
  const value = optionalString(claims, name);
  if (value === undefined) return [];
  return value
    .split(" ")
    .filter((facet) => facet !== "")
    .map((facet) => {
      if (!/^(0|[1-9]\d{0,8})$/.test(facet)) {
        throw invalidToken("token_claim_invalid", `The access token's ${name} is not a list of numbers.`);
      }
      return Number(facet);
    });
}
