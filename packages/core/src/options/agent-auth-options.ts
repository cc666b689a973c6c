import type { LegEvent } from "../acquire/plan/leg.js";
import type { TokenStore } from "../acquire/store/token-store.js";
import type { Clock } from "../clock.js";
import type { Logger } from "../logger.js";
import type { TokenUsedEvent } from "../telemetry/token-used.js";
import type { Caller } from "../token/caller.js";
import type { CertificateCredential, ClientCredential } from "./client-credential.js";

/** What a resolver of the agent identity is told. */
export interface AgentIdentityContext {
  /** Who calls; absent for background work (`forApp()`). */
  readonly caller: Caller | undefined;
  /** Tenant (GUID or domain) in which the agent identity must live: agent identities are single-tenant. */
  readonly tenantId: string;
  /** Name of the downstream API that is about to be called. */
  readonly service: string;
}

/** Tenants (GUIDs), or a function that tells whether a tenant is served. */
export type AllowedTenants = readonly string[] | ((tenantId: string) => boolean | Promise<boolean>);

/** What the protected resource metadata document says. @see RFC 9728 section 2 */
export interface ResourceMetadataOptions {
  /** The API's own URL, as clients know it: `https://api.contoso.example/tasks`. */
  readonly resource: string;
  /** Scopes that clients may want. Default: none are named. */
  readonly scopesSupported?: readonly string[] | undefined;
  /** Name for people. */
  readonly resourceName?: string | undefined;
  /** Page for developers. */
  readonly resourceDocumentation?: string | undefined;
}

/** Client id (GUID) of an agent identity, or a function of the developer's that chooses one. */
export type AgentIdentityOption =
  | string
  | ((context: AgentIdentityContext) => string | undefined | Promise<string | undefined>);

/** One downstream API. Keys are those of the Entra SDK's `DownstreamApis` section, in camelCase. */
export interface DownstreamApiOptions {
  /** `https://…` root that no call can leave; `http://` for loopback hosts alone. Not needed for `headerFor()`. */
  readonly baseUrl?: string | undefined;
  /** Delegated permissions. A bare name such as `User.Read` means Microsoft Graph. */
  readonly scopes?: readonly string[] | undefined;
  /** Scope of app-only tokens. Default: `/.default` of the resource that `scopes` name. */
  readonly appScopes?: readonly string[] | undefined;
  /** Path put behind `baseUrl` before the path of the call. */
  readonly relativePath?: string | undefined;
  /** Default method of `callDownstream()`. Default `GET`. */
  readonly httpMethod?: string | undefined;
  /** Default `Accept` header. Default `application/json`. */
  readonly acceptHeader?: string | undefined;
  /** Default `Content-Type` of text bodies. Default `application/json` for `json`. */
  readonly contentType?: string | undefined;
  /** Headers of every call; the call's own come before them. */
  readonly extraHeaderParameters?: Readonly<Record<string, string>> | undefined;
  /** Query parameters of every call; the call's own come before them. */
  readonly extraQueryParameters?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until the headers of an answer must have come. Default: `downstreamTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Retries of an idempotent call after a connection error, 429, 502, 503 or 504. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Follow redirects of GET and HEAD within the same origin. Default false: a redirect is returned as it is. */
  readonly followRedirects?: boolean | undefined;
  /** Always call as the application or the autonomous agent, never on behalf of the caller. Default false. */
  readonly requestAppToken?: boolean | undefined;
  /** Agent identity for this service, before the global one. */
  readonly agentIdentity?: AgentIdentityOption | undefined;
  /** Tenant for this service, before the caller's and the global one. */
  readonly tenantId?: string | undefined;
  /**
   * Call with the machine's managed identity instead of the app, whoever called: `true` for the system-assigned one, or
   * the client id (GUID) of a user-assigned one.
   */
  readonly managedIdentity?: boolean | string | undefined;
}

/** Options of {@link createAgentAuth}. */
export interface AgentAuthOptions {
  /**
   * The cloud's sign-in host. Default `https://login.microsoftonline.com/`; `http://` for loopback hosts alone.
   */
  readonly instance?: string | undefined;
  /** Tenant GUID or domain; `organizations` or `common` for a multi-tenant app. */
  readonly tenantId: string;
  /** Client id (GUID) of the agent identity blueprint, or of an ordinary app. */
  readonly clientId: string;
  /**
   * Audiences that an inbound token may have. Default: the client id and `api://{client id}`. `null` skips the check,
   * so that tokens meant for others are accepted: never do that for an API that others can reach.
   */
  readonly audiences?: readonly string[] | null | undefined;
  /**
   * Issuers that an inbound token may have; `{tenantid}` stands for the token's tenant. Default: what the tenant's
   * OpenID configuration states. `null` skips the check.
   */
  readonly issuers?: readonly string[] | null | undefined;
  /**
   * Which tenants a multi-tenant app serves: a list of GUIDs, or a function, whose answer is remembered for five
   * minutes a tenant. Default: all of them.
   */
  readonly allowedTenants?: AllowedTenants | undefined;
  /**
   * Authority with a policy of its own, such as `https://contoso.b2clogin.com/contoso.example/B2C_1_signin`: keys and
   * issuer of inbound tokens come from its `/v2.0/.well-known/openid-configuration`.
   */
  readonly authority?: string | undefined;
  /** Certificates that decrypt encrypted inbound tokens, newest first. Default: encrypted tokens are refused. */
  readonly tokenDecryptionCredentials?: readonly CertificateCredential[] | undefined;
  /** Longest credential that is looked at, in bytes. Default 16 384. */
  readonly maxTokenBytes?: number | undefined;
  /** Accept signed HTTP requests (`Authorization: PoP …`) beside bearer tokens. Default false. */
  readonly proofOfPossession?: boolean | undefined;
  /** Publishes protected resource metadata (RFC 9728) and points challenges at it. Default: not published. */
  readonly resourceMetadata?: ResourceMetadataOptions | undefined;
  /** Tried in order until one works. */
  readonly clientCredentials?: readonly ClientCredential[] | undefined;
  /** Default agent identity; absent = the app acts as itself. Never taken from a request by itself. */
  readonly agentIdentity?: AgentIdentityOption | undefined;
  /**
   * Client ids (GUIDs) of the agent identities that may act. Default: any of the blueprint's. Holds for `agentIdentity`,
   * for what a resolver returns and for `asAgent()` alike.
   */
  readonly allowedAgentIdentities?: readonly string[] | undefined;
  readonly downstreamApis?: Readonly<Record<string, DownstreamApiOptions>> | undefined;
  /** Tolerance for `exp` and `nbf`, in seconds. Default 300, as Microsoft.Identity.Web. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Budget of one token, retries and all its legs included, in milliseconds. Default 10 000. */
  readonly entraTimeoutMs?: number | undefined;
  /** Retries of a request to Entra after a connection error, a 429 or a 5xx, within the budget. Default 2. */
  readonly entraMaxRetries?: number | undefined;
  /** Azure region, as `westeurope`, whose token endpoint app-only requests ask. Default: the global endpoint. */
  readonly azureRegion?: string | undefined;
  /**
   * What the app can handle: `["cp1"]` says that it answers claims challenges, and makes its tokens subject to
   * Continuous Access Evaluation. Default none.
   */
  readonly clientCapabilities?: readonly string[] | undefined;
  /** Budget of one downstream call until its headers arrive, in milliseconds. Default 100 000. */
  readonly downstreamTimeoutMs?: number | undefined;
  /** Retries of an idempotent downstream call, where the service does not say. Default 2. */
  readonly downstreamMaxRetries?: number | undefined;
  /** Bound of the token cache, in tokens. Default 100 000. */
  readonly tokenCacheMaxEntries?: number | undefined;
  /** Bound of the token cache, in bytes. Default 268 435 456 (256 MiB). */
  readonly tokenCacheMaxBytes?: number | undefined;
  /**
   * A second tier for acquired tokens, shared with other processes, and the place of long-running sessions. Default:
   * none; sessions then end with the process.
   */
  readonly tokenStore?: TokenStore | undefined;
  /**
   * Keys that encrypt what goes into `tokenStore`, each base64 of 32 random bytes; required with it. The first encrypts,
   * all decrypt: to change keys, put the new one first.
   */
  readonly tokenStoreKeys?: readonly string[] | undefined;
  /** Bound of the cache of verified inbound tokens. Default 10 000. */
  readonly verifiedTokenCacheMaxEntries?: number | undefined;
  /** Replaces the `fetch` that reaches Entra and the downstream APIs. Default: undici with keep-alive and proxies. */
  readonly fetch?: typeof fetch | undefined;
  /** Where warnings and errors go. Default: `console` for warnings and errors. */
  readonly logger?: Logger | undefined;
  /** Told of each leg that ran or was served from the cache. For diagnostics; carries no token. */
  readonly onLeg?: ((event: LegEvent) => void) | undefined;
  /** Told of each token that is handed out or sent: who acted, for whom, on what. For the audit; carries no token. */
  readonly onTokenUsed?: ((event: TokenUsedEvent) => void) | undefined;
  /** Milliseconds since the epoch. Default `Date.now`; tests freeze it. */
  readonly clock?: Clock | undefined;
}

/** The names of the downstream APIs that options declare; `string` when the options do not say. */
export type ServiceNameOf<Options extends AgentAuthOptions> = Options extends {
  readonly downstreamApis: infer Apis extends object;
}
  ? keyof Apis & string
  : string;

/** Types options, so that service names are checked where they are used. Returns its argument unchanged. */
export function defineOptions<const Options extends AgentAuthOptions>(options: Options): Options {
  return options;
}
