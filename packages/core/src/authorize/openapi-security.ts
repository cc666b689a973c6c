import type { RoutePolicy } from "./route-policy.js";

/** For `components.securitySchemes` of an OpenAPI document: bearer tokens of Entra, under the name `entra`. */
export const securitySchemes = Object.freeze({
  entra: Object.freeze({ type: "http", scheme: "bearer", bearerFormat: "JWT" }),
} as const);

/**
 * The `security` of an OpenAPI operation, by the policy of its route: the permissions that it names, for the scheme
 * `entra`; empty for a public route.
 */
export function openapiSecurity(policy: RoutePolicy | false = {}): Record<string, string[]>[] {
  if (policy === false) return [];
  const { optional = false, scopes, roles, scopesOrRoles } = policy;
  const permissions = [
    ...(scopes ?? []),
    ...(roles ?? []),
    ...(scopesOrRoles?.scopes ?? []),
    ...(scopesOrRoles?.roles ?? []),
  ].flatMap((entry) => (typeof entry === "string" ? [entry] : entry.allOf));
  // OpenAPI's way to say optional: an empty requirement beside the other.
  return [...(optional ? [{}] : []), { entra: permissions }];
}
