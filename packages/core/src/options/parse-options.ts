import type { z } from "zod";
import type { Clock } from "../clock.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import { isGuid } from "../guid.js";
import type { Logger } from "../logger.js";
import type { AgentAuthOptions, DownstreamApiOptions } from "./agent-auth-options.js";
import type { CertificateCredential, ClientCredential } from "./client-credential.js";
import { multiTenantWords, optionsSchema } from "./schema.js";

/** Options with every default filled in, frozen. What the rest of core reads. */
export interface ResolvedOptions extends Omit<AgentAuthOptions, "fetch"> {
  /** Ends with `/`. */
  readonly instance: string;
  readonly multiTenant: boolean;
  readonly audiences: readonly string[] | null;
  readonly issuers: readonly string[] | null | undefined;
  readonly tokenDecryptionCredentials: readonly CertificateCredential[];
  readonly maxTokenBytes: number;
  readonly proofOfPossession: boolean;
  readonly authority: string | undefined;
  readonly clientCredentials: readonly ClientCredential[];
  readonly downstreamApis: Readonly<Record<string, DownstreamApiOptions>>;
  readonly clockToleranceSeconds: number;
  readonly entraTimeoutMs: number;
  readonly entraMaxRetries: number;
  readonly clientCapabilities: readonly string[];
  readonly downstreamTimeoutMs: number;
  readonly downstreamMaxRetries: number;
  readonly tokenCacheMaxEntries: number;
  readonly tokenCacheMaxBytes: number;
  readonly verifiedTokenCacheMaxEntries: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly fetch: typeof fetch | undefined;
}

/**
 * Checks options and fills in defaults.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong and what it must be
 */
export function parseOptions(options: AgentAuthOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describe(issue));
    throw new AgentAuthError("options_invalid", { detail: `agent-auth options: ${problems.join("; ")}` });
  }
  if (parsed.data.allowedTenants !== undefined && !multiTenantWords.has(parsed.data.tenantId)) {
    const detail =
      "agent-auth options: allowedTenants is for multi-tenant apps; set tenantId to organizations or common, or remove it";
    throw new AgentAuthError("options_invalid", { detail });
  }
  // zod knows functions as such; their signatures are those of the type that the caller was held to.
  const values = parsed.data as unknown as AgentAuthOptions & typeof parsed.data;
  if (values.tokenStore !== undefined && values.tokenStoreKeys === undefined) {
    throw new AgentAuthError("options_invalid", {
      detail:
        "agent-auth options: tokenStoreKeys is required with tokenStore: give it a list of one key, the base64 of 32 random bytes",
    });
  }
  return Object.freeze({
    ...values,
    instance: values.instance.endsWith("/") ? values.instance : `${values.instance}/`,
    tenantId: isGuid(values.tenantId) ? values.tenantId.toLowerCase() : values.tenantId,
    clientId: values.clientId.toLowerCase(),
    multiTenant: multiTenantWords.has(values.tenantId),
    audiences:
      values.audiences === undefined
        ? Object.freeze([values.clientId.toLowerCase(), `api://${values.clientId.toLowerCase()}`])
        : values.audiences,
    issuers: values.issuers,
    authority: values.authority,
    ...(values.allowedAgentIdentities !== undefined && {
      allowedAgentIdentities: Object.freeze(values.allowedAgentIdentities.map((id) => id.toLowerCase())),
    }),
    downstreamApis: Object.freeze(values.downstreamApis),
    logger: values.logger ?? console,
    clock: values.clock ?? Date.now,
    fetch: values.fetch,
  }) as ResolvedOptions;
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${path === "" ? key : `${path}.${key}`} is not an option; remove it or check its spelling`,
    );
  }
  const missing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [
    `${path === "" ? "options" : path} ${missing ? `is required: ${expected(issue)}` : lowerFirst(issue.message)}`,
  ];
}

function expected(issue: z.core.$ZodIssueInvalidType): string {
  const article = /^[aeiou]/.test(issue.expected) ? "an" : "a";
  return `give it ${article} ${issue.expected}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
