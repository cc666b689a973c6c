import {
  AgentAuthError,
  type AgentRequirement,
  type Permissions,
  type RegisteredRequestAuth,
  type RoutePolicy,
  servesAnonymous,
} from "@agent-auth/core";
import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import { decoratePolicy } from "./decorate-policy.js";
import { inboundOf } from "./inbound.js";
import { policyOf } from "./policy-metadata.js";

type PolicyDecorator = ClassDecorator & MethodDecorator;

/** The fields of `RequestAuth` that `@AgentAuth()` picks by name. */
export type AgentAuthField = "caller" | "claims" | "token";

/**
 * Parameter decorator: the `RequestAuth` of the call, or one field of it. `undefined` on public routes and for anonymous
 * callers of optional ones.
 * @throws AgentAuthError `not_authenticated` (500) where no `AgentAuthGuard` ran
 */
export const AgentAuth: (field?: AgentAuthField) => ParameterDecorator = createParamDecorator(
  (field: AgentAuthField | undefined, context: ExecutionContext) => {
    const auth: RegisteredRequestAuth | undefined = inboundOf(context).request.agentAuth;
    if (auth !== undefined) return field === undefined ? auth : auth[field];
    if (servesAnonymous(policyOf(context))) return undefined;
    throw new AgentAuthError("not_authenticated", {
      detail: `${context.getClass().name}.${context.getHandler().name} uses @AgentAuth(), but no AgentAuthGuard ran. Set it with APP_GUARD or @UseGuards.`,
    });
  },
);

/** A public class or handler: no token is looked at. A decorated handler of a public class is protected. */
export const Public = (): PolicyDecorator => decoratePolicy(false);
/** Serves anonymous callers as well; a token that comes must hold, and its caller must meet the other decorators. */
export const OptionalAuth = (optional = true): PolicyDecorator => decoratePolicy({ optional });
/** Wants a delegated caller with one of the scopes, or with all: `{ allOf }`. See core's `requireScopes`. */
export const RequireScopes = (...scopes: Permissions): PolicyDecorator => decoratePolicy({ scopes });
/** Wants one of the roles, or all: `{ allOf }`. See core's `requireRoles`. */
export const RequireRoles = (...roles: Permissions): PolicyDecorator => decoratePolicy({ roles });
/** Wants one of the scopes of a delegated caller, or one of the roles of an app. See core's `requireScopesOrRoles`. */
export const RequireScopesOrRoles = (scopesOrRoles: NonNullable<RoutePolicy["scopesOrRoles"]>): PolicyDecorator =>
  decoratePolicy({ scopesOrRoles });
/** Wants an agent, of a blueprint or with an identity if named. See core's `requireAgent`. */
export const RequireAgent = (agent: AgentRequirement = {}): PolicyDecorator => decoratePolicy({ agent });
/** Wants no agent. See core's `denyAgents`. */
export const DenyAgents = (): PolicyDecorator => decoratePolicy({ agent: false });
/** Wants a user to be present. See core's `requireDelegated`. */
export const RequireDelegated = (): PolicyDecorator => decoratePolicy({ delegated: true });
/** Wants no user to be present. See core's `requireAppOnly`. */
export const RequireAppOnly = (): PolicyDecorator => decoratePolicy({ delegated: false });
/** Wants a claim to have a value or to satisfy a predicate. See core's `requireClaim`. */
export const RequireClaim = (name: string, expected: NonNullable<RoutePolicy["claims"]>[string]): PolicyDecorator =>
  decoratePolicy({ claims: { [name]: expected } });
/** Wants a Conditional Access authentication context. See core's `requireAuthContext`. */
export const RequireAuthContext = (authContext: string): PolicyDecorator => decoratePolicy({ authContext });
