import { AgentAuthError } from "../errors/agent-auth-error.js";
import { forbidden } from "../errors/refusals.js";
import { type Caller, isAgent, isAppOnly, isDelegated } from "../token/caller.js";
import type { Claims } from "../token/claims.js";

/**
 * A rule about the caller of a request, given its `RequestAuth`. Throws an `AgentAuthError`: 403 when the caller may
 * not, `not_authenticated` (500) when the route was not protected in the first place.
 */
export type Guard = (auth: GuardedRequest | undefined) => void;

/** What a guard looks at. */
export interface GuardedRequest {
  readonly caller: Caller;
  readonly claims: Claims;
}

/** Permissions of which one is enough, or, as `{ allOf }`, all of which are wanted. */
export type Permissions = readonly [string, ...string[]] | readonly [{ readonly allOf: readonly string[] }];

function guard(check: (auth: GuardedRequest) => void): Guard {
  return (auth) => {
    if (auth === undefined) {
      throw new AgentAuthError("not_authenticated", {
        detail:
          "A guard ran on a route that is not protected. Put agentAuth() before it, so that there is a caller to check.",
      });
    }
    check(auth);
  };
}

/**
 * Wants a delegated caller with one of the scopes: `requireScopes("Tasks.Read", "Tasks.Write")`; or with all of them:
 * `requireScopes({ allOf: ["Tasks.Read", "Tasks.Write"] })`.
 * @throws AgentAuthError `insufficient_scope`, `delegated_required` for an app-only caller; at creation
 *   `options_invalid` for an empty list
 */
export function requireScopes(...scopes: Permissions): Guard {
  const wanted = permissionsOf("requireScopes", scopes);
  return guard(({ caller }) => {
    if (!isDelegated(caller)) {
      throw forbidden("delegated_required", `A token of a user with the scope ${wanted.text} is needed.`, wanted.names);
    }
    if (!wanted.heldBy(caller.scopes)) {
      throw forbidden("insufficient_scope", `The access token lacks the scope ${wanted.text}.`, wanted.names);
    }
  });
}

/**
 * Wants one of the roles, of an application or of a user; or all of them, as `{ allOf }`.
 * @throws AgentAuthError `insufficient_role`; at creation `options_invalid` for an empty list
 */
export function requireRoles(...roles: Permissions): Guard {
  const wanted = permissionsOf("requireRoles", roles);
  return guard(({ caller }) => {
    if (!wanted.heldBy(caller.roles)) {
      throw forbidden("insufficient_role", `The access token lacks the role ${wanted.text}.`);
    }
  });
}

/**
 * Wants one of the scopes of a delegated caller, or one of the roles of an app-only one: for an API that serves both.
 * @throws AgentAuthError `insufficient_scope` or `insufficient_role`; at creation `options_invalid` for an empty list
 */
export function requireScopesOrRoles(permissions: {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}): Guard {
  const { scopes, roles } = permissions;
  const ofUsers = requireScopes(...(scopes as [string, ...string[]]));
  const ofApps = requireRoles(...(roles as [string, ...string[]]));
  return guard((auth) => (isDelegated(auth.caller) ? ofUsers(auth) : ofApps(auth)));
}

/** Which agents {@link requireAgent} lets pass. Absent = any. */
export interface AgentRequirement {
  /** Client id (GUID) of the blueprint. */
  readonly blueprint?: string | undefined;
  /** Client id (GUID) of the agent identity. */
  readonly agentIdentity?: string | undefined;
}

/**
 * Wants an agent: autonomous, on behalf of a user, or as its own user.
 * @throws AgentAuthError `agent_required`
 */
export function requireAgent(requirement: AgentRequirement = {}): Guard {
  const blueprint = requirement.blueprint?.toLowerCase();
  const agentIdentity = requirement.agentIdentity?.toLowerCase();
  return guard(({ caller }) => {
    if (!isAgent(caller)) throw forbidden("agent_required", "Only an agent may call this.");
    if (blueprint !== undefined && caller.blueprint?.toLowerCase() !== blueprint) {
      throw forbidden("agent_required", "Only agents of another blueprint may call this.");
    }
    if (agentIdentity !== undefined && caller.agentIdentity.toLowerCase() !== agentIdentity) {
      throw forbidden("agent_required", "Only another agent may call this.");
    }
  });
}

/**
 * Wants no agent of any kind.
 * @throws AgentAuthError `agent_denied`
 */
export function denyAgents(): Guard {
  return guard(({ caller }) => {
    if (isAgent(caller)) throw forbidden("agent_denied", "Agents may not call this.");
  });
}

/**
 * Wants a user to be present: a human or an agent's own user account.
 * @throws AgentAuthError `delegated_required`
 */
export function requireDelegated(): Guard {
  return guard(({ caller }) => {
    if (!isDelegated(caller)) throw forbidden("delegated_required", "A user must be present.");
  });
}

/**
 * Wants no user to be present: an app or an autonomous agent.
 * @throws AgentAuthError `app_only_required`
 */
export function requireAppOnly(): Guard {
  return guard(({ caller }) => {
    if (!isAppOnly(caller)) throw forbidden("app_only_required", "Only an application without a user may call this.");
  });
}

/**
 * Wants a claim to have a value, to hold it where the claim is a list, or to satisfy a predicate. A claim that is
 * absent never does.
 * @throws AgentAuthError `claim_required`, which names the claim but not the value
 */
export function requireClaim(name: string, expected: string | number | boolean | ((value: unknown) => boolean)): Guard {
  const holds =
    typeof expected === "function"
      ? expected
      : (value: unknown) => value === expected || (Array.isArray(value) && value.includes(expected));
  return guard(({ claims }) => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined || holds(value) !== true) {
      throw forbidden("claim_required", `The access token's claim ${name} is not what is needed here.`);
    }
  });
}

/**
 * Wants a Conditional Access authentication context (`c1` … `c99`) to be satisfied, for an operation that needs more
 * than sign-in. A client that can handle it (`xms_cc` has `cp1`) is answered the claims challenge, any other a 403.
 * @throws AgentAuthError `auth_context_required`; at creation `options_invalid` for an id of another form
 * @see https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context
 */
export function requireAuthContext(id: string): Guard {
  if (!/^c([1-9]|[1-9]\d)$/.test(id)) {
    throw new AgentAuthError("options_invalid", {
      detail: "requireAuthContext: the authentication context must be one of c1 to c99.",
    });
  }
  const claimsRequest = JSON.stringify({ access_token: { acrs: { essential: true, value: id } } });
  return guard(({ claims }) => {
    if (listOf(claims.acrs).includes(id)) return;
    const detail = `The authentication context ${id} is needed: the user must sign in again as it demands.`;
    if (!listOf(claims.xms_cc).includes("cp1")) throw forbidden("auth_context_unsupported", detail);
    throw new AgentAuthError("auth_context_required", {
      detail,
      challenge: { error: "insufficient_claims", errorDescription: detail, claims: claimsRequest },
    });
  });
}

function listOf(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : typeof claim === "string" ? claim.split(" ") : [];
}

interface WantedPermissions {
  readonly names: readonly string[];
  /** For messages. */
  readonly text: string;
  heldBy(permissions: readonly string[]): boolean;
}

function permissionsOf(guardName: string, permissions: Permissions): WantedPermissions {
  const [first] = permissions;
  const all = typeof first === "object";
  const names = all ? [...first.allOf] : (permissions as readonly string[]).slice();
  if (names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw new AgentAuthError("options_invalid", { detail: `${guardName}: name at least one permission.` });
  }
  return {
    names,
    text: names.join(all ? " and " : " or "),
    heldBy: (held) => (all ? names.every((name) => held.includes(name)) : names.some((name) => held.includes(name))),
  };
}
