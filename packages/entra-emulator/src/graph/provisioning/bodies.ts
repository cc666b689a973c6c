import { z } from "zod";
import { GraphError } from "../graph-error.js";

const guid = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "must be a GUID")
  .transform((value) => value.toLowerCase());
const bind = z.array(z.url()).min(1);
const typed = (name: string) =>
  z
    .string()
    .regex(new RegExp(`^#?microsoft\\.graph\\.${name}$`, "i"))
    .optional();

/** Body of `POST /applications/microsoft.graph.agentIdentityBlueprint`. Properties the emulator has no use for are kept out. */
export const blueprintBody = z.object({
  "@odata.type": typed("agentIdentityBlueprint"),
  displayName: z.string().min(1),
  signInAudience: z.enum(["AzureADMyOrg", "AzureADMultipleOrgs"]).default("AzureADMyOrg"),
  identifierUris: z.array(z.string()).default([]),
  api: z
    .object({ oauth2PermissionScopes: z.array(z.object({ value: z.string().min(1) })).default([]) })
    .default({ oauth2PermissionScopes: [] }),
  appRoles: z.array(z.object({ value: z.string().min(1) })).default([]),
  "sponsors@odata.bind": bind,
  "owners@odata.bind": bind.optional(),
});

/** Body of `POST /servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal`. */
export const blueprintPrincipalBody = z.object({
  "@odata.type": typed("agentIdentityBlueprintPrincipal"),
  appId: guid,
});

/** Body of `POST /servicePrincipals/microsoft.graph.agentIdentity`. */
export const agentIdentityBody = z.object({
  "@odata.type": typed("agentIdentity"),
  displayName: z.string().min(1),
  agentIdentityBlueprintId: guid,
  "sponsors@odata.bind": bind,
});

/** Body of `POST /users/microsoft.graph.agentUser`. */
export const agentUserBody = z.object({
  "@odata.type": typed("agentUser"),
  accountEnabled: z.boolean(),
  displayName: z.string().min(1),
  mailNickname: z.string().min(1),
  userPrincipalName: z.string().regex(/^[^@\s]+@[^@\s]+$/, "must be a user principal name"),
  identityParentId: guid,
});

/** Body of `POST …/addPassword`. */
export const addPasswordBody = z.object({
  passwordCredential: z
    .object({ displayName: z.string().optional(), endDateTime: z.iso.datetime({ offset: true }).optional() })
    .default({}),
});

/** Body of `POST …/federatedIdentityCredentials`. */
export const federatedCredentialBody = z.object({
  name: z.string().min(1),
  issuer: z.string().min(1),
  subject: z.string().min(1),
  audiences: z.array(z.string()).length(1).default(["api://AzureADTokenExchange"]),
});

/** Reads a body. @throws {GraphError} 400 `Request_BadRequest` naming the property */
export function readBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const property = issue?.path.join(".") || "the body";
  throw new GraphError(
    400,
    "Request_BadRequest",
    `Invalid value specified for property '${property}': ${issue?.message}.`,
  );
}
