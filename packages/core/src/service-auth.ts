import type { AcquireContext, Acquirer, Assertion } from "./acquire/acquirer.js";
import type { ClientCredentials } from "./acquire/client-credentials.js";
import { type Explanation, explainPlan } from "./acquire/explain.js";
import { type Plan, plan } from "./acquire/plan.js";
import type { CachedToken } from "./acquire/token-cache.js";
import { type DownstreamRequest, sendDownstream, targetUrl } from "./downstream/call-downstream.js";
import { type DownstreamResponse, downstreamResponse } from "./downstream/downstream-response.js";
import { AgentAuthError } from "./errors/agent-auth-error.js";
import type { DownstreamApiOptions } from "./options/agent-auth-options.js";
import type { ResolvedOptions } from "./options/parse-options.js";
import type { Caller } from "./token/caller.js";
import type { Claims } from "./token/claims.js";
import type { InboundToken } from "./token/inbound-token.js";

/** What one call may say about the token that it wants. */
export interface TokenOptions {
  /** Replaces the service's scopes. For an app-only token, their resource's `/.default` is asked for. */
  readonly scopes?: readonly string[] | undefined;
  /** Tenant GUID or domain, before the service's and the caller's. */
  readonly tenantId?: string | undefined;
  /** Act as the application or the autonomous agent, whoever called. */
  readonly requestAppToken?: boolean | undefined;
  /** Ask Entra even if a token is cached, and replace it. */
  readonly forceRefresh?: boolean | undefined;
  /** A claims request (JSON), as a claims challenge carries it; asked for past the cache. */
  readonly claims?: string | undefined;
  /** Correlation id (GUID) sent to Entra. */
  readonly correlationId?: string | undefined;
}

/** What a downstream call may say: the request, and the token that it wants. */
export interface DownstreamInit extends DownstreamRequest, TokenOptions {}

/** An acquired token. */
export interface AccessToken {
  readonly accessToken: string;
  readonly expiresOn: Date;
  readonly scopes: readonly string[];
  readonly tenantId: string;
  readonly tokenType: "Bearer";
}

/** Tokens for the configured downstream APIs, and calls to them, for one caller and one way to act. */
export interface ServiceAuth<Service extends string = string> {
  /** The finished `Authorization` header: `Bearer eyJ…`. @throws AgentAuthError */
  headerFor(service: Service, options?: TokenOptions): Promise<string>;
  /** The token and what is known of it. @throws AgentAuthError */
  tokenFor(service: Service, options?: TokenOptions): Promise<AccessToken>;
  /**
   * Calls a downstream API with the right token. Resolves to the `Response` whatever its status; `.json()`, `.text()`
   * and the other readers throw a `DownstreamError` when it is not 2xx.
   * @param path path below the service's `baseUrl`, with or without a query
   */
  callDownstream(service: Service, path?: string, init?: DownstreamInit): DownstreamResponse;
  /** A `fetch` for an SDK that takes one: adds the token, and refuses URLs outside of the service's `baseUrl`. */
  fetchFor(service: Service, options?: TokenOptions): typeof fetch;
  /** The same caller through this agent identity (client id, GUID). */
  asAgent(agentIdentity: string): ServiceAuth<Service>;
  /** An agent's own user account, by principal name or object id (GUID). */
  asAgentUser(agentIdentity: string, user: AgentUserSelector): ServiceAuth<Service>;
  /** The application itself, or the autonomous agent where an agent identity is set. Never the caller. */
  asApp(): ServiceAuth<Service>;
  /** What would be asked of Entra, without asking. */
  explain(service: Service, options?: TokenOptions): Promise<Explanation>;
}

/** Names an agent user: exactly one of the two. */
export type AgentUserSelector =
  | { readonly username: string; readonly userId?: undefined }
  | { readonly userId: string; readonly username?: undefined };

/** A request whose token held: who calls, and {@link ServiceAuth} on its behalf. */
export interface RequestAuth<Service extends string = string> extends ServiceAuth<Service> {
  readonly caller: Caller;
  readonly claims: Claims;
  /** The inbound access token; the signed one inside, when it came encrypted. Do not log it. */
  readonly token: string;
}

/** What the services of one app share. */
export interface ServiceContext {
  readonly options: ResolvedOptions;
  readonly acquirer: Acquirer;
  readonly credentials: ClientCredentials;
  readonly fetch: typeof fetch;
}

interface Identity {
  readonly inbound: InboundToken | undefined;
  /** Fires when the client went away: what was called for it is called off. */
  readonly signal?: AbortSignal | undefined;
  readonly agentIdentity?: string | undefined;
  readonly agentUser?: AgentUserSelector | undefined;
  readonly asApp?: boolean;
}

/** {@link ServiceAuth} over core's planner, acquirer and downstream client. */
export class BoundServiceAuth implements ServiceAuth {
  readonly #context: ServiceContext;
  readonly #identity: Identity;

  constructor(context: ServiceContext, identity: Identity) {
    this.#context = context;
    this.#identity = identity;
  }

  async headerFor(service: string, options: TokenOptions = {}): Promise<string> {
    return (await this.#acquire(service, options)).authorizationHeader;
  }

  async tokenFor(service: string, options: TokenOptions = {}): Promise<AccessToken> {
    const { accessToken, expiresAt, scopes, tenantId } = await this.#acquire(service, options);
    return { accessToken, expiresOn: new Date(expiresAt), scopes, tenantId, tokenType: "Bearer" };
  }

  callDownstream(service: string, path = "", init: DownstreamInit = {}): DownstreamResponse {
    return downstreamResponse(service, this.#call(service, path, init));
  }

  fetchFor(service: string, options: TokenOptions = {}): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const path = pathBelow(this.#api(service).baseUrl, request.url);
      const { method, headers, body, signal } = request;
      return this.#call(service, path, { ...options, method, headers, body, signal });
    };
  }

  asAgent(agentIdentity: string): ServiceAuth {
    return new BoundServiceAuth(this.#context, { ...this.#identity, agentIdentity, agentUser: undefined });
  }

  asAgentUser(agentIdentity: string, agentUser: AgentUserSelector): ServiceAuth {
    return new BoundServiceAuth(this.#context, { ...this.#identity, agentIdentity, agentUser });
  }

  asApp(): ServiceAuth {
    return new BoundServiceAuth(this.#context, { ...this.#identity, agentUser: undefined, asApp: true });
  }

  async explain(service: string, options: TokenOptions = {}): Promise<Explanation> {
    const planned = await this.#plan(service, options);
    const cached = this.#context.acquirer.cacheState(planned, this.#assertion());
    return explainPlan({ service, plan: planned, cached, credentialKind: this.#context.credentials.kind });
  }

  async #call(service: string, path: string, init: DownstreamInit): Promise<Response> {
    const api = this.#api(service);
    // A path that is refused costs no token.
    targetUrl(service, api, path, init.query);
    const authorizationHeader = await this.headerFor(service, init);
    const target = { service, api, path, authorizationHeader };
    const timeoutMs = init.timeoutMs ?? this.#context.options.downstreamTimeoutMs;
    const { signal: clientSignal } = this.#identity;
    if (clientSignal === undefined) return sendDownstream(this.#context.fetch, target, { ...init, timeoutMs });
    const signal = init.signal === undefined ? clientSignal : AbortSignal.any([clientSignal, init.signal]);
    try {
      return await sendDownstream(this.#context.fetch, target, { ...init, timeoutMs, signal });
    } catch (cause) {
      if (!clientSignal.aborted) throw cause;
      const detail = `The client went away, so the call of ${service} was called off.`;
      throw new AgentAuthError("client_closed_request", { detail, cause });
    }
  }

  async #acquire(service: string, options: TokenOptions): Promise<CachedToken> {
    const context: AcquireContext = {
      assertion: this.#assertion(),
      forceRefresh: options.forceRefresh ?? false,
      claims: options.claims,
      correlationId: options.correlationId,
    };
    return this.#context.acquirer.acquire(await this.#plan(service, options), context);
  }

  #assertion(): Assertion | undefined {
    return this.#identity.inbound;
  }

  async #plan(service: string, options: TokenOptions): Promise<Plan> {
    const { options: configured } = this.#context;
    const { inbound, agentUser, asApp = false } = this.#identity;
    const api = this.#api(service);
    const tenantId = this.#tenantOf(api, options);
    return plan({
      service,
      api,
      tenantId,
      clientId: configured.clientId,
      caller: inbound?.caller,
      agentIdentity: this.#identity.agentIdentity ?? (await this.#configuredAgent(service, api, tenantId)),
      agentUsername: agentUser?.username,
      agentUserId: agentUser?.userId,
      requestAppToken: options.requestAppToken ?? (asApp || (api.requestAppToken ?? false)),
      scopes: options.scopes,
    });
  }

  async #configuredAgent(service: string, api: DownstreamApiOptions, tenantId: string): Promise<string | undefined> {
    const agentIdentity = api.agentIdentity ?? this.#context.options.agentIdentity;
    if (typeof agentIdentity !== "function") return agentIdentity;
    return agentIdentity({ caller: this.#identity.inbound?.caller, tenantId, service });
  }

  #tenantOf(api: DownstreamApiOptions, options: TokenOptions): string {
    const { tenantId, multiTenant } = this.#context.options;
    const callerTenant = multiTenant ? this.#identity.inbound?.caller.tenantId : undefined;
    return options.tenantId ?? api.tenantId ?? callerTenant ?? tenantId;
  }

  #api(service: string): DownstreamApiOptions {
    const { downstreamApis } = this.#context.options;
    const api = Object.hasOwn(downstreamApis, service) ? downstreamApis[service] : undefined;
    if (api !== undefined) return api;
    const known = Object.keys(downstreamApis);
    throw new AgentAuthError("service_unknown", {
      detail: `downstreamApis has no service ${JSON.stringify(service)}. ${
        known.length === 0 ? "None is configured" : `Configured: ${known.join(", ")}`
      }. Add it to the options, or correct the name.`,
    });
  }
}

/** The part of a URL behind the base URL; a URL that is not below it stays whole, and is refused as absolute. */
function pathBelow(baseUrl: string | undefined, url: string): string {
  if (baseUrl === undefined || !url.startsWith(baseUrl)) return url;
  const rest = url.slice(baseUrl.length);
  return rest === "" || baseUrl.endsWith("/") || /^[/?]/.test(rest) ? rest : url;
}

/** {@link RequestAuth}: the services, bound to a verified inbound token. */
export class BoundRequestAuth extends BoundServiceAuth implements RequestAuth {
  readonly #inbound: InboundToken;

  constructor(context: ServiceContext, inbound: InboundToken, signal?: AbortSignal) {
    super(context, { inbound, signal });
    this.#inbound = inbound;
  }

  get caller(): Caller {
    return this.#inbound.caller;
  }

  get claims(): Claims {
    return this.#inbound.claims;
  }

  /** A getter, so that printing the object does not print the token. */
  get token(): string {
    return this.#inbound.token;
  }
}
