import { z } from "zod";
import { isGuid } from "../guid.js";
import { certificateCredentialSchema, clientCredentialSchema } from "./client-credential-schema.js";
import { callable, guid, secureUrl } from "./value-schemas.js";

/** Tenant words that stand for more than one tenant. */
export const multiTenantWords: ReadonlySet<string> = new Set(["common", "organizations", "consumers"]);

const tenant = z
  .string()
  .refine(
    (value) => isGuid(value) || multiTenantWords.has(value) || /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value),
    "must be a tenant GUID, a tenant domain, or organizations / common for a multi-tenant app",
  );

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "must be one scope, without spaces or quotes");

const agentIdentity = z.union([guid("client id of an agent identity"), callable], {
  error: "must be the client id of an agent identity (a GUID), or a function that returns one",
});

const resourceMetadata = z.strictObject({
  resource: secureUrl,
  scopesSupported: z.array(scope).optional(),
  resourceName: z.string().optional(),
  resourceDocumentation: z.string().optional(),
});

const positive = z.number().int("must be a whole number").positive("must be above 0");

const headerParameters = z
  .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be a header name"), z.string())
  .refine(
    (headers) => !Object.keys(headers).some((name) => name.toLowerCase() === "authorization"),
    "must not set Authorization, which is the library's",
  );

const downstreamApi = z.strictObject({
  baseUrl: secureUrl.optional(),
  scopes: z.array(scope).readonly().optional(),
  appScopes: z.array(scope).readonly().optional(),
  relativePath: z.string().optional(),
  httpMethod: z
    .string()
    .regex(/^[A-Za-z]+$/, "must be an HTTP method")
    .optional(),
  acceptHeader: z.string().optional(),
  contentType: z.string().optional(),
  extraHeaderParameters: headerParameters.optional(),
  extraQueryParameters: z.record(z.string(), z.string()).optional(),
  timeoutMs: positive.optional(),
  maxRetries: z.number().int("must be a whole number").min(0).max(10).optional(),
  followRedirects: z.boolean().optional(),
  requestAppToken: z.boolean().optional(),
  agentIdentity: agentIdentity.optional(),
  tenantId: tenant.optional(),
  managedIdentity: z
    .union([z.boolean(), guid("client id of a user-assigned managed identity")], {
      error: "must be true, or the client id (a GUID) of a user-assigned managed identity",
    })
    .optional(),
});

const tokenStore = z.custom<object>(
  (value) => ["get", "set", "delete"].every((name) => typeof (value as Record<string, unknown>)?.[name] === "function"),
  "must be a token store: an object with get(), set() and delete()",
);

const storeKey = z
  .string()
  .refine((value) => Buffer.from(value, "base64").length === 32, "must be the base64 of 32 random bytes");

/** The options as they must be. Its messages say what to do; {@link parseOptions} puts the key before them. */
export const optionsSchema = z.strictObject({
  instance: secureUrl.default("https://login.microsoftonline.com/"),
  tenantId: tenant,
  clientId: guid("client id of the agent identity blueprint or app"),
  audiences: z.array(z.string().min(1)).min(1, "must name an audience; leave it out for the default").nullish(),
  issuers: z.array(z.string().min(1)).min(1, "must name an issuer; leave it out for the default").nullish(),
  allowedTenants: z
    .union([z.array(guid("id of a tenant")), callable], {
      error: "must be a list of tenant ids (GUIDs), or a function",
    })
    .optional(),
  authority: secureUrl.optional(),
  tokenDecryptionCredentials: z.array(certificateCredentialSchema).default([]),
  maxTokenBytes: positive.default(16_384),
  proofOfPossession: z.boolean().default(false),
  resourceMetadata: resourceMetadata.optional(),
  clientCredentials: z.array(clientCredentialSchema).default([]),
  agentIdentity: agentIdentity.optional(),
  allowedAgentIdentities: z.array(guid("client id of an agent identity")).readonly().optional(),
  downstreamApis: z.record(z.string(), downstreamApi).default({}),
  clockToleranceSeconds: z.number().min(0).max(600, "must be at most 600 seconds").default(300),
  entraTimeoutMs: positive.default(10_000),
  entraMaxRetries: z.number().int("must be a whole number").min(0).max(10).default(2),
  azureRegion: z
    .string()
    .regex(/^[a-z0-9]+$/, "must be an Azure region such as westeurope")
    .optional(),
  clientCapabilities: z.array(z.string().min(1)).readonly().default([]),
  downstreamTimeoutMs: positive.default(100_000),
  downstreamMaxRetries: z.number().int("must be a whole number").min(0).max(10).default(2),
  tokenCacheMaxEntries: positive.default(100_000),
  tokenCacheMaxBytes: positive.default(256 * 1024 * 1024),
  tokenStore: tokenStore.optional(),
  tokenStoreKeys: z.array(storeKey).min(1, "must hold a key").readonly().optional(),
  verifiedTokenCacheMaxEntries: positive.default(10_000),
  fetch: callable.optional(),
  logger: z.custom<object>((value) => typeof value === "object" && value !== null, "must be a logger").optional(),
  onLeg: callable.optional(),
  onTokenUsed: callable.optional(),
  clock: callable.optional(),
});
