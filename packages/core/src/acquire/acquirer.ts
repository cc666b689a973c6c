import { randomUUID } from "node:crypto";
import type { Attributes } from "@opentelemetry/api";
import type { Clock } from "../clock.js";
import { isAgentAuthError } from "../errors/agent-auth-error.js";
import { abortable } from "../http/abortable.js";
import type { Logger } from "../logger.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import type { AcquireOptions, Assertion, LegContext } from "./acquire-context.js";
import type { CachedToken, TokenOwner } from "./cache/cached-token.js";
import type { TokenCache, TokenFilter } from "./cache/token-cache.js";
import { EntraError } from "./entra-error.js";
import type { LegRequester } from "./leg-requester.js";
import { describeLeg, grantOf, type LegEvent } from "./plan/leg.js";
import type { PreparedPlan } from "./plan/plan-memo.js";
import { isAlive, isFresh, refreshBackoffSeconds, scheduled } from "./refresh-schedule.js";
import { SingleFlight } from "./single-flight.js";
import type { StoredTokens } from "./store/stored-tokens.js";
import { Throttles } from "./throttles.js";

/** What an {@link Acquirer} is made of. */
export interface AcquirerInit {
  readonly requester: LegRequester;
  readonly cache: TokenCache;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for all legs of one call together. */
  readonly budgetMs: number;
  readonly onLeg: ((event: LegEvent) => void) | undefined;
  readonly telemetry: Telemetry;
  /** The second tier, where one is configured. */
  readonly store: StoredTokens | undefined;
}

/**
 * Why a leg is asked for: there is no token that will do (`miss`), the caller wants none of those that are there
 * (`forced`), or the one that is there will end before long (`refresh`).
 */
type Reason = "miss" | "forced" | "refresh";

/** One leg on its way. */
interface LegRun {
  readonly plan: PreparedPlan;
  readonly owner: TokenOwner;
  readonly context: LegContext;
  readonly reason: Reason;
  /** The token that was cached when the run began. */
  readonly current: CachedToken | undefined;
}

/** Runs plans: each leg from the cache, else from a request that is under way, else from Entra. */
export class Acquirer {
  readonly #init: AcquirerInit;
  readonly #cache: TokenCache;
  readonly #clock: Clock;
  readonly #flights = new SingleFlight<CachedToken>();
  readonly #throttles = new Throttles();
  readonly #refreshFailures = new WeakMap<CachedToken, number>();

  constructor(init: AcquirerInit) {
    this.#init = init;
    this.#cache = init.cache;
    this.#clock = init.clock;
  }

  /** The token of a plan's last leg, when it is in memory and nothing is to be done about it. Waits for nothing. */
  cached(plan: PreparedPlan, assertion: Assertion | undefined): CachedToken | undefined {
    const last = plan.legs.length - 1;
    const leg = plan.legs[last];
    const hash = leg?.kind === "on-behalf-of" && assertion !== undefined ? assertion.hash : "";
    const token = this.#cache.find(plan.keys[last] as string, hash);
    if (token === undefined) return undefined;
    const now = this.#clock();
    if (token.refreshAt <= now / 1000 || !isFresh(token, now)) return undefined;
    this.#init.telemetry.answered("memory");
    if (this.#init.onLeg !== undefined && leg !== undefined) this.#report(ownerOf(plan, last, assertion), "hit", {});
    return token;
  }

  /**
   * The token of a plan's last leg.
   * @throws AgentAuthError the error of the leg that failed
   */
  acquire(plan: PreparedPlan, options: AcquireOptions): Promise<CachedToken> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return abortable(this.#runLeg(plan, plan.legs.length - 1, this.#contextOf(options)), signal);
  }

  /** Gets the tokens that a plan's last leg builds on, so that the first call waits for that one alone. */
  async prepare(plan: PreparedPlan): Promise<void> {
    const context = this.#contextOf({ assertion: undefined });
    for (let index = 0; index < plan.legs.length - 1; index++) await this.#runLeg(plan, index, context);
  }

  /** Whether each leg of a plan is in memory. */
  cacheState(plan: PreparedPlan, assertion: Assertion | undefined): readonly boolean[] {
    const now = this.#clock();
    return plan.legs.map((_, index) => {
      const { key, assertionHash } = ownerOf(plan, index, assertion);
      const token = this.#cache.find(key, assertionHash);
      return token !== undefined && isFresh(token, now);
    });
  }

  /** Forgets tokens; what is under way for them is not kept when it comes. */
  async forget(filter: TokenFilter): Promise<void> {
    this.#flights.abandon();
    this.#throttles.clear();
    const forgotten = this.#cache.invalidate(filter);
    await this.#init.store?.delete(forgotten);
  }

  /** Empties the memory, and waits until the store has what it was given. */
  async close(): Promise<void> {
    this.#flights.abandon();
    this.#cache.invalidate({});
    await this.#init.store?.settled();
  }

  #contextOf(options: Pick<AcquireOptions, "assertion"> & Partial<AcquireOptions>): LegContext {
    const { assertion, forceRefresh = false, claims, correlationId = randomUUID() } = options;
    const deadline = performance.now() + this.#init.budgetMs;
    return { assertion, forceRefresh, claims, correlationId, deadline };
  }

  async #runLeg(plan: PreparedPlan, index: number, context: LegContext): Promise<CachedToken> {
    const owner = ownerOf(plan, index, context.assertion);
    const current = this.#cache.find(owner.key, owner.assertionHash);
    // Claims and forceRefresh are about the token that the caller gets, not about those that lead to it.
    if (index === plan.legs.length - 1 && (context.forceRefresh || context.claims !== undefined)) {
      return this.#obtain({ plan, owner, context, current, reason: "forced" });
    }
    const now = this.#clock();
    const calm: LegContext = { ...context, forceRefresh: false, claims: undefined };
    if (current !== undefined && isFresh(current, now)) {
      this.#init.telemetry.answered("memory");
      this.#report(owner, "hit", {});
      if (current.refreshAt <= now / 1000) this.#refresh({ plan, owner, context: calm, current });
      return current;
    }
    try {
      return await this.#obtain({ plan, owner, context: calm, current, reason: "miss" });
    } catch (error) {
      if (current === undefined || !isAlive(current, this.#clock()) || !isOutage(error)) throw error;
      this.#report(owner, "stale", { error });
      return current;
    }
  }

  /** Renews a token that is still good, once at a time, while everybody goes on with the one at hand. */
  #refresh(run: Omit<LegRun, "reason"> & { readonly current: CachedToken }): void {
    const { current, owner } = run;
    const nowSeconds = () => Math.floor(this.#clock() / 1000);
    this.#cache.postponeRefresh(current, nowSeconds() + refreshBackoffSeconds(1, undefined));
    const context = this.#contextOf({ assertion: run.context.assertion });
    this.#obtain({ ...run, context, reason: "refresh" }).catch((error: unknown) => {
      const failures = (this.#refreshFailures.get(current) ?? 0) + 1;
      this.#refreshFailures.set(current, failures);
      const retryAfter = isAgentAuthError(error) ? error.retryAfterSeconds : undefined;
      this.#cache.postponeRefresh(current, nowSeconds() + refreshBackoffSeconds(failures, retryAfter));
      this.#init.telemetry.refreshFailed(owner.leg.kind);
      const why = error instanceof Error ? error.message : "it failed";
      this.#init.logger.warn(`agent-auth: ${describeLeg(owner.leg)} could not be renewed yet: ${why}`);
    });
  }

  /** Joins the request for this leg, or sends it. */
  async #obtain(run: LegRun): Promise<CachedToken> {
    const { owner, context, reason } = run;
    const startedAt = performance.now();
    const key = flightKey(owner, reason === "forced" ? context : undefined);
    let cache: LegEvent["cache"] = this.#flights.has(key) ? "shared" : reason === "refresh" ? "refresh" : "miss";
    try {
      const token = await this.#flights.run(key, async () => {
        const { generation } = this.#cache;
        const stored = await this.#stored(run);
        if (stored === undefined) return this.#keep(run, await this.#request(run, key), generation);
        cache = "stored";
        return this.#keep(run, stored, generation);
      });
      this.#report(owner, cache, { startedAt });
      return token;
    } catch (error) {
      this.#report(owner, cache, { startedAt, error });
      throw error;
    }
  }

  /** The token that another process put into the store, if it is better than what is at hand. */
  async #stored({ owner, reason }: LegRun): Promise<CachedToken | undefined> {
    if (reason === "forced") return undefined;
    const token = await this.#init.store?.read(owner);
    const now = this.#clock();
    if (token === undefined || !isFresh(token, now)) return undefined;
    if (reason === "refresh" && token.refreshAt <= now / 1000) return undefined;
    this.#init.telemetry.answered("store");
    return token;
  }

  async #request(run: LegRun, key: string): Promise<CachedToken> {
    const { plan, owner, context } = run;
    const { telemetry, requester, store } = this.#init;
    const { leg } = owner;
    telemetry.answered("entra");
    try {
      const issued = await telemetry.exchange(leg.kind, spanAttributes(run), () => {
        this.#throttles.requireOpen(key, this.#clock());
        return requester.request({ leg, context, tokenOf: (index) => this.#runLeg(plan, index, context) });
      });
      const now = this.#clock();
      const token = scheduled(issued, now);
      store?.write(owner, token, now / 1000);
      return token;
    } catch (error) {
      this.#throttles.note(key, error, this.#clock());
      throw error;
    }
  }

  /** Caches a token, unless it was asked for before an invalidation, or before one that a caller insisted on. */
  #keep({ owner, reason, current }: LegRun, token: CachedToken, generation: number): CachedToken {
    if (this.#cache.generation !== generation) return token;
    const there = this.#cache.find(owner.key, owner.assertionHash);
    if (reason !== "forced" && there !== undefined && there !== current) return there;
    return this.#cache.set(owner, token);
  }

  #report(
    { leg }: TokenOwner,
    cache: LegEvent["cache"],
    init: { readonly startedAt?: number; readonly error?: unknown },
  ): void {
    const { startedAt, error } = init;
    this.#init.onLeg?.({
      kind: leg.kind,
      grant: grantOf[leg.kind],
      tenantId: leg.tenantId,
      clientId: leg.clientId,
      scopes: leg.scopes,
      cache,
      durationMs: startedAt === undefined ? 0 : Math.round(performance.now() - startedAt),
      outcome: error === undefined ? "ok" : isAgentAuthError(error) ? error.code : "failed",
    });
  }
}

function ownerOf(plan: PreparedPlan, index: number, assertion: Assertion | undefined): TokenOwner {
  const leg = plan.legs[index];
  const key = plan.keys[index];
  if (leg === undefined || key === undefined)
    throw new RangeError(`a plan of ${plan.legs.length} legs has no ${index}`);
  if (leg.kind !== "on-behalf-of" || assertion === undefined) return { leg, key, assertionHash: "", userId: "" };
  const { hash, caller } = assertion;
  return { leg, key, assertionHash: hash, userId: "userId" in caller ? caller.userId : "" };
}

function spanAttributes({ plan, owner, context, reason }: LegRun): Attributes {
  const { leg } = owner;
  const [first] = plan.legs;
  return {
    "agent_auth.flow": plan.flow,
    "agent_auth.leg": leg.kind,
    "agent_auth.tenant": leg.tenantId,
    "agent_auth.client_id": leg.clientId,
    "agent_auth.scopes": [...leg.scopes],
    "agent_auth.tier": "entra",
    "agent_auth.reason": reason,
    "agent_auth.correlation_id": context.correlationId,
    ...(first?.kind === "exchange" && { "agent_auth.agent_identity": first.fmiPath }),
  };
}

function flightKey({ key, assertionHash }: TokenOwner, forced: LegContext | undefined): string {
  return forced === undefined ? `${key}\n${assertionHash}` : `${key}\n${assertionHash}\nforced\n${forced.claims ?? ""}`;
}

/** Whether an error says that Entra cannot answer now, rather than that it said no. */
function isOutage(error: unknown): boolean {
  if (error instanceof EntraError) return error.retryable;
  return isAgentAuthError(error) && error.family !== "request";
}
