import { AgentAuthError } from "../errors/agent-auth-error.js";
import { forbidden } from "../errors/refusals.js";
import { type Caller, isAgent, isDelegated } from "../token/caller.js";

/**
 * A rule about the caller of a request, given its `RequestAuth`. Throws an `AgentAuthError`: 403 when the caller may
 * not, `not_authenticated` (500) when the route was not protected in the first place.
 */
export type Guard = (auth: { readonly caller: Caller } | undefined) => void;

function guard(check: (caller: Caller) => void): Guard {
  return (auth) => {
    if (auth === undefined) {
      throw new AgentAuthError("not_authenticated", {
        detail:
          "A guard ran on a route that is not protected. Put agentAuth() before it, so that there is a caller to check.",
      });
    }
    check(auth.caller);
  };
}

/**
 * Wants a delegated caller with at least one of the scopes.
 * @throws AgentAuthError `insufficient_scope`, `delegated_required` for an app-only caller
 */
export function requireScopes(...scopes: readonly [string, ...string[]]): Guard {
  return guard((caller) => {
    if (!isDelegated(caller)) {
      throw forbidden(
        "delegated_required",
        `A token of a user with the scope ${scopes.join(" or ")} is needed.`,
        scopes,
      );
    }
    if (!scopes.some((scope) => caller.scopes.includes(scope))) {
      throw forbidden("insufficient_scope", `The access token lacks the scope ${scopes.join(" or ")}.`, scopes);
    }
  });
}

/**
 * Wants at least one of the roles, of an application or of a user.
 * @throws AgentAuthError `insufficient_role`
 */
export function requireRoles(...roles: readonly [string, ...string[]]): Guard {
  return guard((caller) => {
    if (!roles.some((role) => caller.roles.includes(role))) {
      throw forbidden("insufficient_role", `The access token lacks the role ${roles.join(" or ")}.`);
    }
  });
}

/** Which agents {@link requireAgent} lets pass. Absent = any. */
export interface AgentRequirement {
  /** Client id (GUID) of the blueprint. */
  readonly blueprint?: string;
  /** Client id (GUID) of the agent identity. */
  readonly agentIdentity?: string;
}

/**
 * Wants an agent: autonomous, on behalf of a user, or as its own user.
 * @throws AgentAuthError `agent_required`
 */
export function requireAgent(requirement: AgentRequirement = {}): Guard {
  return guard((caller) => {
    if (!isAgent(caller)) throw forbidden("agent_required", "Only an agent may call this.");
    const { blueprint, agentIdentity } = requirement;
    if (blueprint !== undefined && caller.blueprint?.toLowerCase() !== blueprint.toLowerCase()) {
      throw forbidden("agent_required", "Only agents of another blueprint may call this.");
    }
    if (agentIdentity !== undefined && caller.agentIdentity.toLowerCase() !== agentIdentity.toLowerCase()) {
      throw forbidden("agent_required", "Only another agent may call this.");
    }
  });
}

/**
 * Wants no agent of any kind.
 * @throws AgentAuthError `agent_denied`
 */
export function denyAgents(): Guard {
  return guard((caller) => {
    if (isAgent(caller)) throw forbidden("agent_denied", "Agents may not call this.");
  });
}

/**
 * Wants a user to be present: a human or an agent's own user account.
 * @throws AgentAuthError `delegated_required`
 */
export function requireDelegated(): Guard {
  return guard((caller) => {
    if (!isDelegated(caller)) throw forbidden("delegated_required", "A user must be present.");
  });
}
