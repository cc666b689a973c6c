import * as core from "@agent-auth/core";
import type { preHandlerHookHandler } from "fastify";

/** Turns a guard of core's into a `preHandler`. */
function preHandler<Arguments extends readonly unknown[]>(
  guard: (...args: Arguments) => core.Guard,
): (...args: Arguments) => preHandlerHookHandler {
  return (...args) => {
    const check = guard(...args);
    return (request, _reply, done) => {
      check(request.agentAuth);
      done();
    };
  };
}

/** Wants a delegated caller with one of the scopes, or with all: `{ allOf }`. See core's `requireScopes`. */
export const requireScopes = preHandler(core.requireScopes);
/** Wants one of the roles, or all: `{ allOf }`. See core's `requireRoles`. */
export const requireRoles = preHandler(core.requireRoles);
/** Wants one of the scopes of a delegated caller, or one of the roles of an app. See core's `requireScopesOrRoles`. */
export const requireScopesOrRoles = preHandler(core.requireScopesOrRoles);
/** Wants an agent, of a blueprint or with an identity if named. See core's `requireAgent`. */
export const requireAgent = preHandler(core.requireAgent);
/** Wants no agent. See core's `denyAgents`. */
export const denyAgents = preHandler(core.denyAgents);
/** Wants a user to be present. See core's `requireDelegated`. */
export const requireDelegated = preHandler(core.requireDelegated);
/** Wants no user to be present. See core's `requireAppOnly`. */
export const requireAppOnly = preHandler(core.requireAppOnly);
/** Wants a claim to have a value or to satisfy a predicate. See core's `requireClaim`. */
export const requireClaim = preHandler(core.requireClaim);
/** Wants a Conditional Access authentication context. See core's `requireAuthContext`. */
export const requireAuthContext = preHandler(core.requireAuthContext);
