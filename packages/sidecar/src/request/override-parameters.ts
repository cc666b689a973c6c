import type { TokenOptions } from "@agent-auth/core";
import { invalid } from "./parameters.js";
import { claimsOf, flagOf, guidOf, headerValueOf, methodOf, tenantOf } from "./values.js";

/** What overrides may say, while they are collected. */
export interface OverrideDraft {
  readonly token: { -readonly [Key in keyof TokenOptions]: TokenOptions[Key] };
  readonly headers: Record<string, string>;
  readonly query: Record<string, readonly string[]>;
  path: string | undefined;
  method: string | undefined;
  session: string | undefined;
}

/** One `optionsOverride.` parameter: how it is documented, and what it does. */
export interface OverrideParameter {
  /** Without the prefix. */
  readonly name: string;
  readonly type: "string" | "boolean";
  readonly description: string;
  readonly deprecated?: true;
  /** May come more than once. */
  readonly repeatable?: true;
  /** Takes the value, and the whole name for messages. Absent: the parameter is ignored. */
  readonly apply?: (draft: OverrideDraft, value: string, name: string) => void;
  /** Why it cannot be honoured. It changes the token, so it is refused rather than ignored. */
  readonly unsupported?: string;
}

/** Every parameter below `optionsOverride.`, but for the open-ended ones (headers and query). */
export const overrideParameters: readonly OverrideParameter[] = [
  {
    name: "Scopes",
    type: "string",
    description: "Repeatable. Each occurrence adds one scope. Replaces the configured scopes.",
    repeatable: true,
    apply: ({ token }, value) => {
      token.scopes = [...(token.scopes ?? []), ...value.trim().split(/\s+/)];
    },
  },
  {
    name: "RequestAppToken",
    type: "boolean",
    description: "true: a token of the application (or the autonomous agent) instead of the caller's.",
    apply: ({ token }, value, name) => {
      token.requestAppToken = flagOf(name, value);
    },
  },
  {
    name: "BaseUrl",
    type: "string",
    description: "Ignored. The base URL of a downstream API is the configuration's alone.",
    deprecated: true,
  },
  {
    name: "RelativePath",
    type: "string",
    description: "Path below the base URL, with or without a query. Replaces the configured path.",
    apply: (draft, value) => {
      draft.path = value;
    },
  },
  {
    name: "HttpMethod",
    type: "string",
    description: "Method of the downstream call (GET, POST, PATCH, …).",
    apply: (draft, value, name) => {
      draft.method = methodOf(name, value);
    },
  },
  {
    name: "AcceptHeader",
    type: "string",
    description: "Accept header of the downstream call, for instance application/json.",
    apply: ({ headers }, value, name) => {
      headers.accept = headerValueOf(name, value);
    },
  },
  {
    name: "ContentType",
    type: "string",
    description: "Content type of the body that is sent downstream. Default: the request's own.",
    apply: ({ headers }, value, name) => {
      headers["content-type"] = headerValueOf(name, value);
    },
  },
  {
    name: "AcquireTokenOptions.Tenant",
    type: "string",
    description: "Tenant (GUID or domain) in which the token is asked for.",
    apply: ({ token }, value, name) => {
      token.tenantId = tenantOf(name, value);
    },
  },
  {
    name: "AcquireTokenOptions.ForceRefresh",
    type: "boolean",
    description: "true: ask Entra even if a token is cached.",
    apply: ({ token }, value, name) => {
      token.forceRefresh = flagOf(name, value);
    },
  },
  {
    name: "AcquireTokenOptions.Claims",
    type: "string",
    description: "Claims request (JSON), as a claims challenge carries it.",
    apply: ({ token }, value, name) => {
      token.claims = claimsOf(name, value);
    },
  },
  {
    name: "AcquireTokenOptions.CorrelationId",
    type: "string",
    description: "Correlation id (GUID) that is sent to Entra.",
    apply: ({ token }, value, name) => {
      token.correlationId = guidOf(name, value);
    },
  },
  {
    name: "AcquireTokenOptions.AuthenticationOptionsName",
    type: "string",
    description: "The application's section of the configuration. There is one: AzureAd (or Bearer, its scheme).",
    apply: (_draft, value, name) => {
      if (!/^(azuread|bearer)$/i.test(value)) throw invalid(name, "must be AzureAd");
    },
  },
  {
    name: "AcquireTokenOptions.LongRunningWebApiSessionKey",
    type: "string",
    description: "Key of a long-running session: begun with a user's token, gone on with without it. Keep it secret.",
    apply: (draft, value) => {
      draft.session = value;
    },
  },
  {
    name: "AcquireTokenOptions.FmiPath",
    type: "string",
    description: "Path of a federated managed identity, for an app-only token of the application itself.",
    apply: ({ token }, value) => {
      token.fmiPath = value;
    },
  },
  {
    name: "AcquireTokenOptions.PopPublicKey",
    type: "string",
    description: "Public key (JWK) that the token is to be bound to.",
    unsupported: "tokens are bearer tokens",
  },
  {
    name: "AcquireTokenOptions.PopClaims",
    type: "string",
    description: "Claims of a token that is bound to a key.",
    unsupported: "tokens are bearer tokens",
  },
  {
    name: "AcquireTokenOptions.ManagedIdentity.UserAssignedClientId",
    type: "string",
    description: "Client id (GUID) of the user-assigned managed identity to act as, instead of the application.",
    apply: ({ token }, value, name) => {
      token.managedIdentity = guidOf(name, value);
    },
  },
];
