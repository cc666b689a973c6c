import type { Clock } from "../clock.js";
import { isAgentAuthError } from "../errors/agent-auth-error.js";
import type { ClientCredentials } from "./client-credentials.js";
import { grantOf, type Leg, type LegEvent, legKey } from "./leg.js";
import type { Plan } from "./plan.js";
import { SingleFlight } from "./single-flight.js";
import type { CachedToken, TokenCache } from "./token-cache.js";
import type { TokenEndpoint, WireCredential } from "./token-endpoint.js";

/** The inbound token, as an on-behalf-of leg needs it. */
export interface Assertion {
  readonly token: string;
  /** SHA-256 of the token: its part of the cache key. */
  readonly hash: string;
}

/** What a run needs besides its plan. */
export interface AcquireContext {
  readonly assertion: Assertion | undefined;
  /** Ask Entra for the last leg even if a token is cached, and replace that token. */
  readonly forceRefresh: boolean;
  /** A claims request (JSON) for the last leg; asks past the cache as `forceRefresh` does. */
  readonly claims: string | undefined;
  readonly correlationId: string | undefined;
}

/** Runs plans: each leg from the cache, else from a request that is under way, else from Entra. */
export class Acquirer {
  readonly #endpoint: TokenEndpoint;
  readonly #credentials: ClientCredentials;
  readonly #cache: TokenCache;
  readonly #clock: Clock;
  readonly #onLeg: ((event: LegEvent) => void) | undefined;
  readonly #flights = new SingleFlight<CachedToken>();

  constructor(init: {
    readonly endpoint: TokenEndpoint;
    readonly credentials: ClientCredentials;
    readonly cache: TokenCache;
    readonly clock: Clock;
    readonly onLeg: ((event: LegEvent) => void) | undefined;
  }) {
    this.#endpoint = init.endpoint;
    this.#credentials = init.credentials;
    this.#cache = init.cache;
    this.#clock = init.clock;
    this.#onLeg = init.onLeg;
  }

  /**
   * The token of a plan's last leg.
   * @throws AgentAuthError the error of the leg that failed
   */
  acquire(plan: Plan, context: AcquireContext): Promise<CachedToken> {
    return this.#runLeg(plan, plan.legs.length - 1, context);
  }

  /** Whether each leg of a plan is in the cache. */
  cacheState(plan: Plan, assertion: Assertion | undefined): readonly boolean[] {
    return plan.legs.map((leg) => this.#cache.get(cacheKey(leg, assertion)) !== undefined);
  }

  async #runLeg(plan: Plan, index: number, context: AcquireContext): Promise<CachedToken> {
    const leg = plan.legs[index];
    if (leg === undefined) throw new RangeError(`a plan of ${plan.legs.length} legs has none at ${index}`);
    const key = cacheKey(leg, context.assertion);
    const last = index === plan.legs.length - 1;
    const claims = last ? context.claims : undefined;
    const startedAt = this.#clock();

    if (!last || (!context.forceRefresh && claims === undefined)) {
      const cached = this.#cache.get(key);
      if (cached !== undefined) {
        this.#report(leg, "hit", startedAt, "ok");
        return cached;
      }
    }
    const flightKey = claims === undefined ? key : JSON.stringify([key, claims]);
    const cacheUse = this.#flights.has(flightKey) ? "shared" : "miss";
    try {
      const token = await this.#flights.run(flightKey, async () => {
        const fresh = await this.#requestLeg(plan, leg, { ...context, claims });
        this.#cache.set(key, fresh);
        return fresh;
      });
      this.#report(leg, cacheUse, startedAt, "ok");
      return token;
    } catch (error) {
      this.#report(leg, cacheUse, startedAt, isAgentAuthError(error) ? error.code : "failed");
      throw error;
    }
  }

  async #requestLeg(plan: Plan, leg: Leg, context: AcquireContext): Promise<CachedToken> {
    const credential = await this.#credentialOf(plan, leg, context);
    const userCredential =
      leg.kind === "agent-user" ? (await this.#runLeg(plan, leg.userCredential, context)).accessToken : undefined;
    return this.#endpoint.request({
      leg,
      credential,
      userCredential,
      assertion: context.assertion?.token,
      claims: context.claims,
      correlationId: context.correlationId,
    });
  }

  async #credentialOf(plan: Plan, leg: Leg, context: AcquireContext): Promise<WireCredential> {
    if (leg.credential === "configured") return this.#credentials.load();
    return { clientAssertion: (await this.#runLeg(plan, leg.credential, context)).accessToken };
  }

  #report(leg: Leg, cache: LegEvent["cache"], startedAt: number, outcome: string): void {
    this.#onLeg?.({
      kind: leg.kind,
      grant: grantOf[leg.kind],
      tenantId: leg.tenantId,
      clientId: leg.clientId,
      scopes: leg.scopes,
      cache,
      durationMs: this.#clock() - startedAt,
      outcome,
    });
  }
}

/** Keys of legs, kept with the leg: a plan that is used again has its keys at hand. */
const keys = new WeakMap<Leg, string>();

function cacheKey(leg: Leg, assertion: Assertion | undefined): string {
  let key = keys.get(leg);
  if (key === undefined) {
    key = legKey(leg);
    keys.set(leg, key);
  }
  return leg.kind === "on-behalf-of" ? `${key}${assertion?.hash}` : key;
}
