import type { ResolvedOptions } from "../options/parse-options.js";

/** The protected resource metadata document, ready to be served. @see RFC 9728 */
export interface ResourceMetadata {
  /** Path at which it is served: `/.well-known/oauth-protected-resource`, and behind it the path of the resource. */
  readonly path: string;
  /** Its URL, as challenges name it. */
  readonly url: string;
  /** JSON. Served as `application/json`. */
  readonly body: string;
}

/** Builds the metadata document of an app that publishes one. */
export function resourceMetadataOf(options: ResolvedOptions): ResourceMetadata | undefined {
  const { resourceMetadata, instance, tenantId, authority } = options;
  if (resourceMetadata === undefined) return undefined;
  const { resource, scopesSupported, resourceName, resourceDocumentation } = resourceMetadata;
  const url = new URL(resource);
  const path = `/.well-known/oauth-protected-resource${url.pathname === "/" ? "" : url.pathname}`;
  const document = {
    resource,
    authorization_servers: [authority ?? `${instance}${tenantId}/v2.0`],
    bearer_methods_supported: ["header"],
    ...(scopesSupported !== undefined && { scopes_supported: scopesSupported }),
    ...(resourceName !== undefined && { resource_name: resourceName }),
    ...(resourceDocumentation !== undefined && { resource_documentation: resourceDocumentation }),
  };
  return { path, url: `${url.origin}${path}`, body: JSON.stringify(document) };
}
