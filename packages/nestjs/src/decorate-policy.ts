import { AgentAuthError, mergePolicies, type RoutePolicy, validatePolicy } from "@agent-auth/core";
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
export function decoratePolicy(policy: RoutePolicy | false): ClassDecorator & MethodDecorator {
  if (policy !== false) validatePolicy(policy);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const subject: object = descriptor?.value ?? target;
    const existing: RoutePolicy | false | undefined = Reflect.getOwnMetadata(policyKey, subject);
    refuseContradiction(existing, policy);
    Reflect.defineMetadata(policyKey, mergePolicies(existing, policy), subject);
    if (policy === false) return;
    Reflect.defineMetadata(swaggerKey, [{ entra: permissionsOf(existing, policy) }], subject);
    if (existing !== undefined) return;
    for (const decorate of [UseGuards(AgentAuthGuard), UseInterceptors(AgentAuthInterceptor)]) {
      if (key === undefined || descriptor === undefined) decorate(target as () => unknown);
      else decorate(target, key, descriptor);
    }
  };
}

function refuseContradiction(existing: RoutePolicy | false | undefined, added: RoutePolicy | false): void {
  if (existing === undefined) return;
  const twice =
    existing === false || added === false
      ? ["public"]
      : Object.keys(added).filter((key) => key !== "claims" && key !== "guards" && Object.hasOwn(existing, key));
  if (twice.length === 0) return;
  throw new AgentAuthError("options_invalid", {
    detail: `Decorators contradict each other: ${twice.join(", ")} is decided twice for one class or handler. Keep one.`,
  });
}

function permissionsOf(...policies: readonly (RoutePolicy | false | undefined)[]): string[] {
  return policies
    .flatMap((policy) => (policy ? [...(policy.scopes ?? []), ...(policy.roles ?? [])] : []))
    .flatMap((entry) => (typeof entry === "string" ? [entry] : entry.allOf));
}
