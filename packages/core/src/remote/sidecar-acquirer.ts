import { LRUCache } from "lru-cache";
import type { AcquireOptions, Assertion } from "../acquire/acquire-context.js";
import { bearerHeader, type CachedToken } from "../acquire/cache/cached-token.js";
import { SingleFlight } from "../acquire/single-flight.js";
import type { Clock } from "../clock.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { SidecarClient } from "./sidecar-client.js";
import type { ServicePlan } from "./sidecar-planner.js";
import { sidecarRequest } from "./sidecar-request.js";

/** How long before its end a header is asked for anew, in seconds: the sidecar has refreshed it by then. */
const marginSeconds = 120;
/** For how long a header is kept whose token does not say when it ends, in seconds. */
const opaqueLifeSeconds = 60;

/** Gets headers from a sidecar, and keeps them while they are good. */
export class SidecarAcquirer {
  readonly #client: SidecarClient;
  readonly #clock: Clock;
  readonly #tenantId: string;
  readonly #cache: LRUCache<string, CachedToken>;
  readonly #flights = new SingleFlight<CachedToken>();

  constructor(init: {
    readonly client: SidecarClient;
    readonly clock: Clock;
    /** The tenant that the sidecar asks in unless told otherwise. */
    readonly tenantId: string;
    readonly maxEntries: number;
  }) {
    this.#client = init.client;
    this.#clock = init.clock;
    this.#tenantId = init.tenantId;
    this.#cache = new LRUCache({ max: init.maxEntries });
  }

  cached(plan: ServicePlan, assertion: Assertion | undefined): CachedToken | undefined {
    const token = this.#cache.get(keyOf(plan, assertion));
    return token !== undefined && this.#clock() < token.refreshAt * 1000 ? token : undefined;
  }

  /** @throws AgentAuthError what the sidecar says; `options_invalid` when it gave another identity's header */
  acquire(plan: ServicePlan, options: AcquireOptions): Promise<CachedToken> {
    const key = keyOf(plan, options.assertion);
    const special = options.forceRefresh || options.claims !== undefined;
    if (special) return this.#ask(plan, options, key);
    // Whoever waits with another shares its answer, so nobody's leaving ends it.
    return this.#flights.run(key, () => this.#ask(plan, { ...options, signal: undefined }, key));
  }

  cacheState(plan: ServicePlan, assertion: Assertion | undefined): readonly boolean[] {
    const cached = this.cached(plan, assertion) !== undefined;
    return plan.legs.map((_leg, index) => cached && index === plan.legs.length - 1);
  }

  /** Nothing: the sidecar prepares itself. */
  async prepare(): Promise<void> {}

  /** Forgets every header: which user or tenant they belong to is the sidecar's knowledge. */
  async forget(): Promise<void> {
    this.#flights.abandon();
    this.#cache.clear();
  }

  close(): Promise<void> {
    return this.forget();
  }

  async #ask(plan: ServicePlan, options: AcquireOptions, key: string): Promise<CachedToken> {
    const { authenticated, query } = sidecarRequest(plan, options, this.#tenantId);
    const route = authenticated ? "AuthorizationHeader" : "AuthorizationHeaderUnauthenticated";
    const { authorizationHeader } = await this.#client.call<{ readonly authorizationHeader: string }>({
      path: `/${route}/${encodeURIComponent(plan.service)}?${query}`,
      token: options.assertion?.token,
      signal: options.signal,
    });
    const token = this.#tokenOf(plan, authorizationHeader);
    this.#cache.set(key, token);
    return token;
  }

  #tokenOf(plan: ServicePlan, authorizationHeader: string): CachedToken {
    const accessToken = /^Bearer (\S+)$/i.exec(authorizationHeader ?? "")?.[1];
    if (accessToken === undefined) {
      throw new AgentAuthError("entra_response_invalid", { detail: "The sidecar answered no Bearer header." });
    }
    const claims = claimsIn(accessToken);
    requireIdentity(plan, claims);
    const now = Math.floor(this.#clock() / 1000);
    const expiresAt = typeof claims?.exp === "number" ? claims.exp : now + opaqueLifeSeconds + marginSeconds;
    return {
      authorizationHeader: bearerHeader(accessToken),
      expiresAt,
      refreshAt: expiresAt - marginSeconds,
      scopes: typeof claims?.scp === "string" ? claims.scp.split(" ") : (plan.legs.at(-1)?.scopes ?? []),
    };
  }
}

/**
 * A sidecar whose gate is closed ignores which agent is asked for, and gives the header of the application instead.
 * That must not pass for the agent's.
 */
function requireIdentity({ flow, legs }: ServicePlan, claims: Readonly<Record<string, unknown>> | undefined): void {
  const actor = claims?.azp ?? claims?.appid;
  const wanted = legs.at(-1)?.clientId.toLowerCase();
  if (!flow.includes("agent") || typeof actor !== "string" || actor.toLowerCase() === wanted) return;
  throw new AgentAuthError("options_invalid", {
    detail:
      "The sidecar gave the header of another identity than the agent that was asked for. Set its Sidecar__AllowOverrides__GetAuthorizationHeader (for background work GetAuthorizationHeaderUnauthenticated) to true.",
  });
}

function keyOf(plan: ServicePlan, assertion: Assertion | undefined): string {
  return JSON.stringify([plan.service, plan.flow, plan.keys.at(-1), assertion?.hash ?? ""]);
}

/** What a token says, unverified: it came from the sidecar. `undefined` when it is opaque. */
function claimsIn(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
