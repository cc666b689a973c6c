import { mergePolicies, type RoutePolicy } from "@agent-auth/core";
import type { ExecutionContext } from "@nestjs/common";
import { Reflector } from "@nestjs/core";

/** Under which a class or a handler keeps what its decorators say. */
export const policyKey = "agent-auth:policy";

const reflector = new Reflector();

/** The policy of a handler: what its decorators say, within what its class's say. */
export function policyOf(context: ExecutionContext): RoutePolicy | false | undefined {
  return mergePolicies(
    reflector.get<RoutePolicy | false | undefined>(policyKey, context.getClass()),
    reflector.get<RoutePolicy | false | undefined>(policyKey, context.getHandler()),
  );
}
