import { randomUUID } from "node:crypto";
import type { AcquireOptions } from "./acquire/acquire-context.js";
import { accessTokenOf, type CachedToken } from "./acquire/cache/cached-token.js";
import type { ActingIdentity, PlanOptions } from "./acquire/call-planner.js";
import type { Acquisition } from "./acquire/create-acquisition.js";
import { type Explanation, explainPlan } from "./acquire/plan/explain.js";
import type { PreparedPlan } from "./acquire/plan/plan-memo.js";
import { Sessions } from "./acquire/sessions/sessions.js";
import { callDownstream } from "./downstream/call-downstream.js";
import type { DownstreamRequest } from "./downstream/downstream-request.js";
import { type DownstreamResponse, downstreamResponse } from "./downstream/downstream-response.js";
import { pages } from "./downstream/pages.js";
import { pathBelow } from "./downstream/target-url.js";
import { type TokenCredential, tokenCredential } from "./downstream/token-credential.js";
import { AgentAuthError } from "./errors/agent-auth-error.js";
import type { ResolvedOptions } from "./options/parse-options.js";
import { tokenUsed } from "./telemetry/token-used.js";
import type { InboundRequest } from "./token/authenticator.js";
import type { Caller } from "./token/caller.js";
import type { Claims } from "./token/claims.js";
import type { InboundToken } from "./token/inbound-token.js";

/** What one call may say about the token that it wants. */
export interface TokenOptions extends PlanOptions {
  /** Ask Entra even if a token is cached, and replace it. */
  readonly forceRefresh?: boolean | undefined;
  /** A claims request (JSON), as a claims challenge carries it; asked for past the cache. */
  readonly claims?: string | undefined;
  /** Correlation id (GUID) sent to Entra. */
  readonly correlationId?: string | undefined;
  /** Ends the wait of this call. A request to Entra that other calls wait for goes on. */
  readonly signal?: AbortSignal | undefined;
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
  /**
   * The pages of an OData collection, as Microsoft Graph and Azure answer them: follows the next link of each page, which
   * cannot leave the service, when the next page is asked for.
   * @throws DownstreamError, AgentAuthError `downstream_page_invalid`
   */
  pages<Item = unknown>(service: Service, path: string, init?: DownstreamInit): AsyncIterable<Item[]>;
  /** A `fetch` for an SDK that takes one: adds the token, and refuses URLs outside of the service's `baseUrl`. */
  fetchFor(service: Service, options?: TokenOptions): typeof fetch;
  /** A credential for the clients of Azure and Microsoft Graph. It asks for the scopes that they name. */
  toTokenCredential(service: Service, options?: TokenOptions): TokenCredential;
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
  /**
   * Begins a session in which to act on this user's behalf after the request has ended, for days: the first token that
   * is asked for in it brings a refresh token, which is kept encrypted and never handed out. Ask for one before the
   * user's token expires.
   * @param sessionKey names the session; whoever knows it acts for the user, so let nobody guess it
   * @throws AgentAuthError `app_only_caller`, `session_of_another_user`, `session_store_unavailable`
   */
  longRunning(sessionKey: string): Promise<ServiceAuth<Service>>;
}

/** What the services of one app share. */
export interface ServiceContext extends Acquisition {
  readonly options: ResolvedOptions;
  readonly fetch: typeof fetch;
}

/** For whom and as what a {@link BoundServiceAuth} acts. */
export interface BoundIdentity extends ActingIdentity {
  /** Its signal fires when the client went away: what was called for it is called off. */
  readonly request: InboundRequest | undefined;
}

/** Who called, when nothing else was said. */
function identityOf(inbound: InboundToken | undefined, request: InboundRequest | undefined): BoundIdentity {
  return {
    inbound,
    request,
    agentIdentity: undefined,
    agentUsername: undefined,
    agentUserId: undefined,
    asApp: false,
    session: undefined,
    sessionTenantId: undefined,
  };
}

/** Nobody called: the application, or the autonomous agent. */
export const backgroundIdentity = identityOf(undefined, undefined);

const noOptions: TokenOptions = {};

/** {@link ServiceAuth} over core's planner, acquirer and downstream client. */
export class BoundServiceAuth implements ServiceAuth {
  readonly #context: ServiceContext;
  readonly #identity: BoundIdentity;

  constructor(context: ServiceContext, identity: BoundIdentity) {
    this.#context = context;
    this.#identity = identity;
  }

  headerFor(service: string, options: TokenOptions = noOptions): Promise<string> {
    const token = this.#token(service, options);
    return token instanceof Promise
      ? token.then(({ authorizationHeader }) => authorizationHeader)
      : Promise.resolve(token.authorizationHeader);
  }

  async tokenFor(service: string, options: TokenOptions = noOptions): Promise<AccessToken> {
    const planned = await this.#plan(service, options);
    const token = await this.#acquire(service, planned, options);
    return {
      accessToken: accessTokenOf(token),
      expiresOn: new Date(token.expiresAt * 1000),
      scopes: token.scopes,
      tenantId: planned.legs.at(-1)?.tenantId ?? "",
      tokenType: "Bearer",
    };
  }

  callDownstream(service: string, path = "", init: DownstreamInit = {}): DownstreamResponse {
    return downstreamResponse(service, this.#call({ service, path, whole: false }, init));
  }

  pages<Item>(service: string, path: string, init: DownstreamInit = {}): AsyncIterable<Item[]> {
    const { query: _, ...rest } = init;
    return pages<Item>(service, (nextLink) => {
      const page =
        nextLink === undefined
          ? this.#call({ service, path, whole: false }, init)
          : this.#call({ service, path: this.#pathBelow(service, nextLink), whole: true }, rest);
      return downstreamResponse(service, page).json();
    });
  }

  fetchFor(service: string, options: TokenOptions = noOptions): typeof fetch {
    return async (input, init = {}) => {
      // A Request's body is a stream, which cannot be sent twice: what came apart is kept apart.
      const request = input instanceof Request ? new Request(input, init) : undefined;
      const { method, headers, body, signal } = request ?? init;
      const path = this.#pathBelow(service, request?.url ?? String(input));
      const call = { ...options, method, headers, body, signal: signal ?? undefined };
      return this.#call({ service, path, whole: true }, call as DownstreamInit);
    };
  }

  toTokenCredential(service: string, options: TokenOptions = noOptions): TokenCredential {
    return tokenCredential((requested) => this.tokenFor(service, { ...options, ...requested }));
  }

  asAgent(agentIdentity: string): ServiceAuth {
    return this.#as({ agentIdentity, agentUsername: undefined, agentUserId: undefined });
  }

  asAgentUser(agentIdentity: string, user: AgentUserSelector): ServiceAuth {
    return this.#as({ agentIdentity, agentUsername: user.username, agentUserId: user.userId });
  }

  asApp(): ServiceAuth {
    return this.#as({ agentUsername: undefined, agentUserId: undefined, asApp: true });
  }

  async explain(service: string, options: TokenOptions = noOptions): Promise<Explanation> {
    const planned = await this.#plan(service, options);
    const cached = this.#context.acquirer.cacheState(planned, this.#identity.inbound);
    return explainPlan({ service, plan: planned, cached, credentialKind: this.#context.credentials.kind });
  }

  #as(change: Partial<ActingIdentity>): ServiceAuth {
    return new BoundServiceAuth(this.#context, { ...this.#identity, ...change });
  }

  /** The token of a call: itself when it is in memory, so that a cached call waits for nothing; else a promise. */
  #token(service: string, options: TokenOptions): CachedToken | Promise<CachedToken> {
    let planned: PreparedPlan | Promise<PreparedPlan>;
    try {
      planned = this.#plan(service, options);
    } catch (error) {
      return Promise.reject(error);
    }
    if (planned instanceof Promise) return planned.then((made) => this.#acquire(service, made, options));
    return this.#acquire(service, planned, options);
  }

  #acquire(service: string, planned: PreparedPlan, options: TokenOptions): CachedToken | Promise<CachedToken> {
    const { acquirer } = this.#context;
    const { inbound: assertion } = this.#identity;
    const forceRefresh = options.forceRefresh ?? false;
    if (!forceRefresh && options.claims === undefined) {
      const cached = acquirer.cached(planned, assertion);
      if (cached !== undefined) {
        if (this.#context.options.onTokenUsed !== undefined) this.#used(service, planned, options.correlationId);
        return cached;
      }
    }
    const { claims, correlationId = randomUUID() } = options;
    const acquireOptions: AcquireOptions = {
      assertion,
      forceRefresh,
      claims,
      correlationId,
      signal: anySignal(options.signal, this.#identity.request?.signal),
    };
    const token = acquirer.acquire(planned, acquireOptions);
    if (this.#context.options.onTokenUsed === undefined) return token;
    return token.then((acquired) => {
      this.#used(service, planned, correlationId);
      return acquired;
    });
  }

  /** Tells the audit. What it throws is its own trouble, and is logged. */
  #used(service: string, plan: PreparedPlan, correlationId: string | undefined): void {
    const { clientId: blueprint, onTokenUsed, logger } = this.#context.options;
    const caller = this.#identity.inbound?.caller;
    try {
      onTokenUsed?.(tokenUsed({ service, plan, caller, blueprint, correlationId }));
    } catch (error) {
      logger.error(`agent-auth: onTokenUsed failed: ${error instanceof Error ? error.message : "it threw"}`);
    }
  }

  #plan(service: string, options: TokenOptions): PreparedPlan | Promise<PreparedPlan> {
    return this.#context.planner.plan({ service, identity: this.#identity, options });
  }

  #pathBelow(service: string, url: string): string {
    return pathBelow(service, this.#context.planner.service(service), url);
  }

  async #call(
    where: { readonly service: string; readonly path: string; readonly whole: boolean },
    init: DownstreamInit,
  ) {
    const { service } = where;
    const { planner, options, fetch, telemetry } = this.#context;
    const clientSignal = this.#identity.request?.signal;
    const request = { ...init, signal: anySignal(init.signal, clientSignal) };
    const context = {
      fetch,
      timeoutMs: options.downstreamTimeoutMs,
      maxRetries: options.downstreamMaxRetries,
      telemetry,
    };
    try {
      return await callDownstream(context, {
        target: { ...where, api: planner.service(service) },
        request,
        authorize: (claims) => this.headerFor(service, claims === undefined ? init : { ...init, claims }),
      });
    } catch (cause) {
      if (clientSignal?.aborted !== true) throw cause;
      const detail = `The client went away, so the call of ${service} was called off.`;
      throw new AgentAuthError("client_closed_request", { detail, cause });
    }
  }
}

function anySignal(first: AbortSignal | undefined, second: AbortSignal | undefined): AbortSignal | undefined {
  if (first === undefined) return second;
  return second === undefined ? first : AbortSignal.any([first, second]);
}

/** {@link RequestAuth}: the services, bound to a verified inbound token. */
export class BoundRequestAuth extends BoundServiceAuth implements RequestAuth {
  readonly #inbound: InboundToken;
  readonly #context: ServiceContext;

  constructor(context: ServiceContext, inbound: InboundToken, request: InboundRequest) {
    super(context, identityOf(inbound, request));
    this.#inbound = inbound;
    this.#context = context;
  }

  async longRunning(sessionKey: string): Promise<ServiceAuth> {
    const session = Sessions.nameOf(sessionKey);
    await this.#context.sessions.begin(session, this.#inbound);
    const sessionTenantId = this.#inbound.caller.tenantId;
    return new BoundServiceAuth(this.#context, { ...backgroundIdentity, session, sessionTenantId });
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
