import type { EmulatorContext } from "../context.js";
import type { Application, ManagedIdentity } from "../directory/entities.js";
import { assignedRoles } from "../directory/permissions.js";
import { accessTokenClaims } from "../token/access-token.js";
import { audienceOf } from "../token/issue.js";

/** In seconds; managed identity tokens live for a day. */
const LIFETIME = 86_400;

/** What a managed identity endpoint answers with; numbers are strings, as Azure writes them. */
export interface ManagedIdentityResponse {
  readonly access_token: string;
  readonly client_id: string;
  readonly expires_in: string;
  readonly expires_on: string;
  readonly ext_expires_in: string;
  readonly not_before: string;
  readonly resource: string;
  readonly token_type: "Bearer";
}

/** A refused request to a managed identity endpoint. */
export class ManagedIdentityError extends Error {
  override name = "ManagedIdentityError";
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.status = status;
    this.error = error;
  }
}

/**
 * Finds the identity that a request means: by client id, principal id or resource id, else the system-assigned one, else
 * the only one there is.
 *
 * @throws {ManagedIdentityError} `invalid_request`, `Identity not found`
 */
export function findIdentity(context: EmulatorContext, params: Readonly<Record<string, unknown>>): ManagedIdentity {
  const identities = context.directory.managedIdentities;
  const text = (...names: string[]) =>
    names.map((name) => params[name]).find((value): value is string => typeof value === "string");
  const wanted = {
    clientId: text("client_id")?.toLowerCase(),
    principalId: text("principal_id", "object_id")?.toLowerCase(),
    resourceId: text("mi_res_id", "msi_res_id"),
  };
  const named = Object.values(wanted).some((value) => value !== undefined);
  const fallback =
    identities.find((identity) => identity.systemAssigned) ?? (identities.length === 1 ? identities[0] : undefined);
  const found = named
    ? identities.find(
        (identity) =>
          (wanted.clientId ?? identity.clientId) === identity.clientId &&
          (wanted.principalId ?? identity.principalId) === identity.principalId &&
          (wanted.resourceId ?? identity.resourceId) === identity.resourceId,
      )
    : fallback;
  if (!found) throw new ManagedIdentityError(400, "invalid_request", "Identity not found");
  return found;
}

/**
 * Issues a token for a managed identity.
 *
 * @throws {ManagedIdentityError} `invalid_resource` when the tenant does not know the resource
 */
export async function issueManagedIdentityToken(
  context: EmulatorContext,
  identity: ManagedIdentity,
  resourceName: string,
): Promise<ManagedIdentityResponse> {
  const tenantId = identity.tenant;
  const resource = context.directory.resource(tenantId, resourceName.replace(/\/\.default$/, ""));
  if (!resource) {
    throw new ManagedIdentityError(
      400,
      "invalid_resource",
      `AADSTS500011: The resource principal named ${resourceName} was not found in the tenant named ${tenantId}.`,
    );
  }
  const client = asApplication(identity);
  const claims = accessTokenClaims(context, {
    tenantId,
    client,
    strength: "2",
    roles: assignedRoles(context.directory, { tenantId, client, resource }),
    resource,
    audience: audienceOf(resource, resourceName),
    version: resource.tokenVersion,
    lifetime: LIFETIME,
    ...(identity.resourceId ? { extra: { xms_mirid: identity.resourceId } } : {}),
  });
  return {
    access_token: await context.keys.sign(claims),
    client_id: identity.clientId,
    expires_in: String(LIFETIME),
    expires_on: String(claims.exp),
    ext_expires_in: String(LIFETIME),
    not_before: String(claims.nbf),
    resource: resourceName,
    token_type: "Bearer",
  };
}

/** A managed identity is a service principal; its tokens look like those of an application without a credential. */
function asApplication(identity: ManagedIdentity): Application {
  return {
    kind: "application",
    tenant: identity.tenant,
    clientId: identity.clientId,
    objectId: identity.principalId,
    displayName: identity.resourceId?.split("/").at(-1) ?? identity.clientId,
    enabled: true,
    multiTenant: false,
    principals: [],
    secrets: [],
    certificates: [],
    federatedCredentials: [],
    redirectUris: [],
    publicClient: false,
  };
}
