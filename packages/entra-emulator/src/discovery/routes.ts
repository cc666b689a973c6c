import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";
import { issuerV1, issuerV2 } from "../context.js";
import { refuse, toErrorBody } from "../token/token-error.js";

const MULTI_TENANT = new Set(["common", "organizations"]);

/**
 * OpenID configuration (v1.0 and v2.0), signing keys, instance discovery.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export function discoveryRoutes(app: FastifyInstance, context: EmulatorContext): void {
  for (const version of ["1.0", "2.0"] as const) {
    const path = version === "1.0" ? "" : "/v2.0";
    app.get<{ Params: { tenant: string } }>(`/:tenant${path}/.well-known/openid-configuration`, (request, reply) => {
      const authority = authorityOf(context, request.params.tenant);
      if (!authority) return reply.code(400).send(unknownTenant(context, request.params.tenant));
      return reply.send(metadata(context, { ...authority, version }));
    });
    const keysPath = version === "1.0" ? "discovery/keys" : "discovery/v2.0/keys";
    app.get<{ Params: { tenant: string } }>(`/:tenant/${keysPath}`, (request, reply) => {
      const authority = authorityOf(context, request.params.tenant);
      if (!authority) return reply.code(400).send(unknownTenant(context, request.params.tenant));
      const issuer = issuerOf(context, authority.issuerTenant, version);
      return reply.send({ keys: context.keys.published.map((key) => ({ ...key, issuer })) });
    });
  }

  app.get("/common/discovery/instance", (_request, reply) => {
    const { host } = new URL(context.url);
    return reply.send({
      tenant_discovery_endpoint: `${context.url}/common/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    });
  });
}

interface Authority {
  /** The tenant as the URL names it, for the endpoints. */
  readonly segment: string;
  /** The tenant in the issuer: an id, or the template `{tenantid}` of the multi-tenant authorities. */
  readonly issuerTenant: string;
}

function authorityOf(context: EmulatorContext, segment: string): Authority | undefined {
  if (MULTI_TENANT.has(segment.toLowerCase())) return { segment, issuerTenant: "{tenantid}" };
  const tenant = context.directory.tenant(segment);
  return tenant && { segment, issuerTenant: tenant.id };
}

function issuerOf(context: EmulatorContext, tenant: string, version: "1.0" | "2.0"): string {
  return version === "1.0" ? issuerV1(context, tenant) : issuerV2(context, tenant);
}

function metadata(
  context: EmulatorContext,
  { segment, issuerTenant, version }: Authority & { version: "1.0" | "2.0" },
) {
  const base = `${context.url}/${segment}`;
  const v2 = version === "2.0" ? "/v2.0" : "";
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `${base}/discovery${v2}/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: issuerOf(context, issuerTenant, version),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "oid", "preferred_username", "tid", "ver"],
    tenant_region_scope: null,
    cloud_instance_name: new URL(context.url).host,
    msgraph_host: `${new URL(context.url).host}/graph`,
  };
}

function unknownTenant(context: EmulatorContext, tenant: string) {
  return toErrorBody(refuse(90002, { tenant }), context.clock.now(), crypto.randomUUID(), context.url);
}
