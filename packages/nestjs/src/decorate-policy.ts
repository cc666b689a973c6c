import { combinePolicies, openapiSecurity, type RoutePolicy } from "@agent-auth/core";
import { UseGuards, UseInterceptors } from "@nestjs/common";
import { AgentAuthGuard } from "./agent-auth.guard.js";
import { AgentAuthInterceptor } from "./agent-auth.interceptor.js";
import { policyKey } from "./policy-metadata.js";

/** Where `@nestjs/swagger` keeps the security requirements of an operation. */
const swaggerKey = "swagger/apiSecurity";

/**
 * A decorator that adds to the policy of a class or a handler, and brings the guard that enforces it along.
 * @throws AgentAuthError `options_invalid` for a policy that is wrong, or that contradicts another decorator there
 */
export function decoratePolicy(added: RoutePolicy | false): ClassDecorator & MethodDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const subject: object = descriptor?.value ?? target;
    const existing: RoutePolicy | false | undefined = Reflect.getOwnMetadata(policyKey, subject);
    const policy = combinePolicies(existing, added);
    Reflect.defineMetadata(policyKey, policy, subject);
    Reflect.defineMetadata(swaggerKey, openapiSecurity(policy), subject);
    if (existing !== undefined) return;
    for (const decorate of [UseGuards(AgentAuthGuard), UseInterceptors(AgentAuthInterceptor)]) {
      if (key === undefined || descriptor === undefined) decorate(target as () => unknown);
      else decorate(target, key, descriptor);
    }
  };
}
