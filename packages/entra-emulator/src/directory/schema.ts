import { z } from "zod";
import { findBrokenReferences } from "./references.js";

const guid = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "must be a GUID")
  .transform((value) => value.toLowerCase());
const name = z.string().min(1);
const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, "must be a domain name such as contoso.example");
const username = z.string().regex(/^[^@\s]+@[^@\s]+$/, "must be a user principal name such as adele@contoso.example");
const seconds = z.int().min(60);

const secret = z.strictObject({
  value: z.string().min(1),
  displayName: name.optional(),
  /** After this instant the secret is refused with AADSTS7000222. Absent = never. */
  expires: z.iso.datetime({ offset: true }).optional(),
});
const certificate = z.strictObject({
  /** The public certificate. The private key stays with the client. */
  pem: z.string().startsWith("-----BEGIN CERTIFICATE-----", "must be a PEM certificate"),
});
const federatedCredential = z.strictObject({
  name: name.optional(),
  /** `{url}` stands for the emulator's own URL, which is not known when the file is written. */
  issuer: name,
  subject: name,
  audience: name.default("api://AzureADTokenExchange"),
});

const tokenVersion = z.enum(["1.0", "2.0"]);
const optionalClaim = z.enum(["email", "family_name", "given_name", "groups", "login_hint", "upn", "xms_cc"]);

const api = z.strictObject({
  /** Besides `api://{clientId}`, which always holds. */
  identifierUris: z.array(name).default([]),
  tokenVersion: tokenVersion.default("2.0"),
  scopes: z.array(name).default([]),
  roles: z.array(name).default([]),
  optionalClaims: z.array(optionalClaim).default([]),
  /** Lifetime of access tokens for this API, in seconds. Default 3600. */
  tokenLifetime: seconds.optional(),
});

const application = z.strictObject({
  /** The home tenant. */
  tenant: guid,
  clientId: guid,
  /** Object id of the service principal in the home tenant. Default: derived from tenant and client id. */
  objectId: guid.optional(),
  displayName: name,
  enabled: z.boolean().default(true),
  /** A multi-tenant application can be used in every tenant that `principals` names. */
  multiTenant: z.boolean().default(false),
  /** Other tenants that have a service principal of this application. */
  principals: z.array(z.strictObject({ tenant: guid, objectId: guid.optional() })).default([]),
  secrets: z.array(secret).default([]),
  certificates: z.array(certificate).default([]),
  federatedCredentials: z.array(federatedCredential).default([]),
  api: api.optional(),
});

const inheritable = z.union([z.literal("all"), z.array(name)]);

/** Validates a directory document and fills in the defaults. */
export const directorySchema = z.strictObject({
  $schema: z.string().optional(),
  tenants: z.array(z.strictObject({ id: guid, domain, displayName: name.optional() })).min(1),
  applications: z
    .array(
      application.extend({
        redirectUris: z.array(z.url()).default([]),
        /** A public client (SPA, desktop) has no credential and must use PKCE. */
        publicClient: z.boolean().default(false),
      }),
    )
    .default([]),
  blueprints: z
    .array(
      application.extend({
        /** What agent identities inherit of the permissions granted to this blueprint. */
        inheritablePermissions: z
          .array(z.strictObject({ resource: name, scopes: inheritable.default([]), roles: inheritable.default([]) }))
          .default([]),
      }),
    )
    .default([]),
  agentIdentities: z
    .array(
      z.strictObject({
        tenant: guid,
        clientId: guid,
        /** Client id of the parent. */
        blueprint: guid,
        displayName: name,
        enabled: z.boolean().default(true),
      }),
    )
    .default([]),
  agentUsers: z
    .array(
      z.strictObject({
        tenant: guid,
        id: guid,
        username,
        displayName: name,
        agentIdentity: guid,
        enabled: z.boolean().default(true),
        groups: z.array(guid).default([]),
      }),
    )
    .default([]),
  users: z
    .array(
      z.strictObject({
        tenant: guid,
        id: guid,
        username,
        displayName: name,
        givenName: name.optional(),
        surname: name.optional(),
        jobTitle: name.optional(),
        enabled: z.boolean().default(true),
        guest: z.boolean().default(false),
        groups: z.array(guid).default([]),
      }),
    )
    .default([]),
  groups: z.array(z.strictObject({ tenant: guid, id: guid, displayName: name })).default([]),
  /** APIs that are no application of this directory. Microsoft Graph is always there. */
  resources: z.array(api.extend({ appId: guid, displayName: name })).default([]),
  delegatedGrants: z
    .array(
      z.strictObject({
        tenant: guid,
        client: guid,
        /** App id or identifier URI. */
        resource: name,
        scopes: z.array(name).min(1),
        /** Object id of the one user who consented. Absent = admin consent for all. */
        user: guid.optional(),
      }),
    )
    .default([]),
  roleAssignments: z
    .array(z.strictObject({ tenant: guid, client: guid, resource: name, roles: z.array(name).min(1) }))
    .default([]),
  conditionalAccess: z
    .array(
      z.strictObject({
        tenant: guid,
        /** App id or identifier URI of the protected API. */
        resource: name,
        /** Object ids. Absent = every user. */
        users: z.array(guid).min(1).optional(),
        /** Client ids. Absent = every client. */
        clients: z.array(guid).min(1).optional(),
        require: z.enum(["claims", "mfa", "block"]),
        /** Authentication context that `claims` asks for. */
        authenticationContext: z
          .string()
          .regex(/^c\d{1,2}$/, "must be c1 to c99")
          .default("c1"),
      }),
    )
    .default([]),
  managedIdentities: z
    .array(
      z.strictObject({
        tenant: guid,
        clientId: guid,
        /** Object id of the service principal; the `sub` of its tokens. */
        principalId: guid,
        /** Azure resource id, for user-assigned identities asked for by `mi_res_id`. */
        resourceId: name.optional(),
        /** The identity of the machine when the request names none. */
        systemAssigned: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** What a person writes: a directory document, everything with a default optional. */
export type DirectoryInput = z.input<typeof directorySchema>;
/** A validated directory document with its defaults filled in. */
export type DirectoryDocument = z.output<typeof directorySchema>;

/** Thrown when a directory document is not valid; the message names every path and what is wrong there. */
export class DirectoryError extends Error {
  override name = "DirectoryError";
  readonly code = "invalid_directory";
}

/**
 * Validates a directory document.
 *
 * @throws {DirectoryError} naming the path of each mistake
 */
export function parseDirectory(input: unknown): DirectoryDocument {
  const parsed = directorySchema.safeParse(input);
  const issues = parsed.success
    ? findBrokenReferences(parsed.data)
    : parsed.error.issues.map((issue) => ({ path: formatPath(issue.path), message: issue.message }));
  if (parsed.success && issues.length === 0) return parsed.data;
  const texts = issues.map(({ path, message }) => `${path}: ${message}`);
  throw new DirectoryError(`Invalid directory: ${texts.join("; ")}.`);
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "(the document)";
}

/** The JSON Schema of a directory document, for editors. The package publishes it as `directory.schema.json`. */
export function directoryJsonSchema(): object {
  return {
    ...z.toJSONSchema(directorySchema, { io: "input", target: "draft-2020-12" }),
    title: "Entra emulator directory",
  };
}
