import type { AgentAuth } from "../agent-auth.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { RequestAuth } from "../service-auth.js";
import type { InboundRequest } from "../token/authenticator.js";
import { hasCredential, type InboundHeaders } from "../token/credential.js";
import {
  type AgentRequirement,
  denyAgents,
  type Guard,
  type Permissions,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "./guards.js";

/** What a route asks of its callers, as data. All that is given must hold. */
export interface RoutePolicy {
  /**
   * Serve anonymous callers as well. A token that comes must hold, and its caller must meet the rest of the policy.
   * Default false.
   */
  readonly optional?: boolean | undefined;
  /** Delegated permissions, as {@link requireScopes}: one of them, or `[{ allOf }]`. */
  readonly scopes?: Permissions | undefined;
  /** Roles, as {@link requireRoles}: one of them, or `[{ allOf }]`. */
  readonly roles?: Permissions | undefined;
  /** `true` or a requirement: agents alone, as {@link requireAgent}. `false`: no agent, as {@link denyAgents}. */
  readonly agent?: boolean | AgentRequirement | undefined;
  /** Permissions of users and of apps, as {@link requireScopesOrRoles}. */
  readonly scopesOrRoles?: Parameters<typeof requireScopesOrRoles>[0] | undefined;
  /** `true`: a user must be present, as {@link requireDelegated}. `false`: none may, as {@link requireAppOnly}. */
  readonly delegated?: boolean | undefined;
  /** Claims by name, each with its value or a predicate, as {@link requireClaim}. */
  readonly claims?: Readonly<Record<string, Parameters<typeof requireClaim>[1]>> | undefined;
  /** A Conditional Access authentication context, as {@link requireAuthContext}. */
  readonly authContext?: string | undefined;
  /** Any further guards. */
  readonly guards?: readonly Guard[] | undefined;
}

/**
 * Lets a request in, or throws or rejects with what it is refused with. Gives `undefined` for an anonymous caller of a
 * public or optional route. A caller whose token is known is let in at once, without a promise.
 */
export type Admission = (
  headers: InboundHeaders,
  request?: InboundRequest,
) => RequestAuth | undefined | Promise<RequestAuth | undefined>;

/**
 * Turns a route's policy into the check that its adapter runs; `false` = a public route, where nothing is looked at.
 * @throws AgentAuthError `options_invalid` for an empty list and for a key that is not known
 */
export function admission(instance: AgentAuth, policy: RoutePolicy | false = {}): Admission {
  if (policy === false) return () => undefined;
  const guards = guardsOf(policy);
  const check = (auth: RequestAuth) => {
    for (const guard of guards) guard(auth);
    return auth;
  };
  return (headers, request) => {
    if (policy.optional === true && !hasCredential(headers)) return undefined;
    const auth = instance.admit(headers, request);
    return auth instanceof Promise ? auth.then(check) : check(auth);
  };
}

/**
 * The policy of a route inside a group of routes that has one: what the route says replaces what the group says about the
 * same thing, claims and further guards come on top, and a route of a public group that asks for anything is protected.
 */
export function mergePolicies(
  group: RoutePolicy | false | undefined,
  route: RoutePolicy | false | undefined,
): RoutePolicy | false | undefined {
  if (route === undefined || group === undefined || group === false) return route ?? group;
  if (route === false) return false;
  return {
    ...group,
    ...route,
    claims: { ...group.claims, ...route.claims },
    guards: [...(group.guards ?? []), ...(route.guards ?? [])],
  };
}

/**
 * Two policies that are written for the same route, for instance by two decorators, as one.
 * @throws AgentAuthError `options_invalid` for a policy that is wrong, or when both decide the same thing
 */
export function combinePolicies(
  one: RoutePolicy | false | undefined,
  other: RoutePolicy | false,
): RoutePolicy | false | undefined {
  if (other !== false) guardsOf(other);
  if (one === undefined) return other;
  const twice =
    one === false || other === false
      ? ["public"]
      : Object.keys(other).filter((key) => key !== "claims" && key !== "guards" && Object.hasOwn(one, key));
  if (twice.length === 0) return mergePolicies(one, other);
  throw new AgentAuthError("options_invalid", {
    detail: `A route's policies contradict each other: ${twice.join(", ")} is decided twice. Keep one.`,
  });
}

/** Whether a route has anonymous callers: a public or an optional one. */
export function servesAnonymous(policy: RoutePolicy | false | undefined): boolean {
  return policy === false || policy?.optional === true;
}

const knownKeys: ReadonlySet<string> = new Set<keyof RoutePolicy>([
  "optional",
  "scopes",
  "roles",
  "scopesOrRoles",
  "agent",
  "delegated",
  "claims",
  "authContext",
  "guards",
]);

function guardsOf(policy: RoutePolicy): readonly Guard[] {
  // Some frameworks' types let a misspelt key through, and then the route would be open to every valid token.
  for (const key of Object.keys(policy)) {
    if (!knownKeys.has(key)) {
      throw new AgentAuthError("options_invalid", {
        detail: `A route's policy has the key ${JSON.stringify(key)}, which means nothing. Known: ${[...knownKeys].join(", ")}.`,
      });
    }
  }
  const { scopes, roles, scopesOrRoles, agent, delegated, claims = {}, authContext, guards = [] } = policy;
  return [
    ...(scopes === undefined ? [] : [requireScopes(...scopes)]),
    ...(roles === undefined ? [] : [requireRoles(...roles)]),
    ...(scopesOrRoles === undefined ? [] : [requireScopesOrRoles(scopesOrRoles)]),
    ...(agent === undefined ? [] : [agent === false ? denyAgents() : requireAgent(agent === true ? {} : agent)]),
    ...(delegated === undefined ? [] : [delegated ? requireDelegated() : requireAppOnly()]),
    ...Object.entries(claims).map(([name, expected]) => requireClaim(name, expected)),
    ...(authContext === undefined ? [] : [requireAuthContext(authContext)]),
    ...guards,
  ];
}
