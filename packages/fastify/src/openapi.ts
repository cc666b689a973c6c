import { openapiSecurity, type RoutePolicy } from "@agent-auth/core";

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
  return { schema: { security: openapiSecurity(route.config?.agentAuth), ...schema }, url };
}
