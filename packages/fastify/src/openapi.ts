import type { RoutePolicy } from "@agent-auth/core";

/** For `components.securitySchemes` of an OpenAPI document: bearer tokens of Entra, under the name `entra`. */
export const securitySchemes = Object.freeze({
  entra: Object.freeze({ type: "http", scheme: "bearer", bearerFormat: "JWT" }),
} as const);

interface DocumentedRoute<Schema> {
  readonly schema: Schema;
  readonly url: string;
  readonly route: { readonly config?: { readonly agentAuth?: RoutePolicy | false | undefined } | undefined };
}

/**
 * A `transform` for `@fastify/swagger`: writes into each operation what its `config.agentAuth` asks for. A `security` of
 * the schema's own is kept.
 */
export function documentSecurity<Schema>({ schema, url, route }: DocumentedRoute<Schema>): {
  schema: Schema;
  url: string;
} {
  const policy = route.config?.agentAuth;
  return { schema: { security: policy === false ? [] : securityOf(policy), ...schema }, url };
}

function securityOf({ optional = false, scopes, roles }: RoutePolicy = {}): object[] {
  const permissions = [...(scopes ?? []), ...(roles ?? [])].flatMap((entry) =>
    typeof entry === "string" ? entry : entry.allOf,
  );
  // OpenAPI's way to say optional: an empty requirement beside the other.
  return [...(optional ? [{}] : []), { entra: permissions }];
}
