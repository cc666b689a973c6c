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

/** Wants a delegated caller with at least one of the scopes. See core's `requireScopes`. */
export const requireScopes = middleware(core.requireScopes);
/** Wants at least one of the roles. See core's `requireRoles`. */
export const requireRoles = middleware(core.requireRoles);
/** Wants an agent, of a blueprint or with an identity if named. See core's `requireAgent`. */
export const requireAgent = middleware(core.requireAgent);
/** Wants no agent. See core's `denyAgents`. */
export const denyAgents = middleware(core.denyAgents);
/** Wants a user to be present. See core's `requireDelegated`. */
export const requireDelegated = middleware(core.requireDelegated);
