import * as core from "@agent-auth/core";
import type { RequestHandler } from "express";

/** Turns a guard of core's into middleware. */
function middleware<Arguments extends readonly unknown[]>(
  guard: (...args: Arguments) => core.Guard,
): (...args: Arguments) => RequestHandler {
  return (...args) => {
    const check = guard(...args);
    return (req, _res, next) => {
      check(req.agentAuth);
      next();
    };
  };
}

/** Wants a delegated caller with one of the scopes, or with all: `{ allOf }`. See core's `requireScopes`. */
export const requireScopes = middleware(core.requireScopes);
/** Wants one of the roles, or all: `{ allOf }`. See core's `requireRoles`. */
export const requireRoles = middleware(core.requireRoles);
/** Wants one of the scopes of a delegated caller, or one of the roles of an app. See core's `requireScopesOrRoles`. */
export const requireScopesOrRoles = middleware(core.requireScopesOrRoles);
/** Wants an agent, of a blueprint or with an identity if named. See core's `requireAgent`. */
export const requireAgent = middleware(core.requireAgent);
/** Wants no agent. See core's `denyAgents`. */
export const denyAgents = middleware(core.denyAgents);
/** Wants a user to be present. See core's `requireDelegated`. */
export const requireDelegated = middleware(core.requireDelegated);
/** Wants no user to be present. See core's `requireAppOnly`. */
export const requireAppOnly = middleware(core.requireAppOnly);
/** Wants a claim to have a value or to satisfy a predicate. See core's `requireClaim`. */
export const requireClaim = middleware(core.requireClaim);
/** Wants a Conditional Access authentication context. See core's `requireAuthContext`. */
export const requireAuthContext = middleware(core.requireAuthContext);
