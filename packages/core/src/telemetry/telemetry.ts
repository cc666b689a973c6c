import {
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
  type UpDownCounter,
} from "@opentelemetry/api";
import { isAgentAuthError } from "../errors/agent-auth-error.js";

/** Name of the tracer and the meter. */
const instrumentation = "@agent-auth/core";

/** Where the answer to a request for a token came from. */
export type CacheTier = "memory" | "store" | "entra";

/**
 * Spans and metrics, by the OpenTelemetry that the app has set up; without one they cost next to nothing. They name
 * clients, tenants and scopes, never a token, a secret or a user.
 */
export class Telemetry {
  readonly #tracer: Tracer;
  readonly #exchanges: Counter;
  readonly #duration: Histogram;
  readonly #inFlight: UpDownCounter;
  readonly #refreshFailures: Counter;
  readonly #storeFailures: Counter;
  /** Plain numbers, read when the meter asks: a cached token must not pay for being counted. */
  readonly #answers: Record<CacheTier, number> = { memory: 0, store: 0, entra: 0 };

  constructor(tracer: Tracer = trace.getTracer(instrumentation), meter: Meter = metrics.getMeter(instrumentation)) {
    this.#tracer = tracer;
    this.#exchanges = meter.createCounter("agent_auth.exchanges", { description: "Token requests by their outcome" });
    this.#duration = meter.createHistogram("agent_auth.exchange.duration", { unit: "s" });
    this.#inFlight = meter.createUpDownCounter("agent_auth.exchanges.in_flight");
    this.#refreshFailures = meter.createCounter("agent_auth.refresh.failures", {
      description: "Background renewals that failed while the token at hand was still good",
    });
    this.#storeFailures = meter.createCounter("agent_auth.store.failures");
    meter
      .createObservableCounter("agent_auth.tokens", { description: "Tokens needed, by the tier that had them" })
      .addCallback((result) => {
        for (const [tier, count] of Object.entries(this.#answers)) result.observe(count, { "agent_auth.tier": tier });
      });
  }

  /** Counts a token by where it was. */
  answered(tier: CacheTier): void {
    this.#answers[tier]++;
  }

  /** A background renewal failed. */
  refreshFailed(leg: string): void {
    this.#refreshFailures.add(1, { "agent_auth.leg": leg });
  }

  /** The token store failed. */
  storeFailed(): void {
    this.#storeFailures.add(1);
  }

  /** Runs the request of a leg in a span of its own, and measures it. */
  async exchange<Result>(leg: string, attributes: Attributes, work: (span: Span) => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    let outcome = "ok";
    this.#inFlight.add(1);
    try {
      return await this.span(`agent_auth.leg ${leg}`, { kind: SpanKind.INTERNAL, attributes }, work);
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      const measured = { "agent_auth.leg": leg, outcome };
      this.#inFlight.add(-1);
      this.#exchanges.add(1, measured);
      this.#duration.record((performance.now() - startedAt) / 1000, measured);
    }
  }

  /** Runs something in a span. An error sets the span's status to its code; its text, which may name people, stays out. */
  span<Result>(
    name: string,
    options: { readonly kind: SpanKind; readonly attributes: Attributes },
    work: (span: Span) => Promise<Result>,
  ): Promise<Result> {
    return this.#tracer.startActiveSpan(name, options, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.setAttribute("error.type", codeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

function codeOf(error: unknown): string {
  return isAgentAuthError(error) ? error.code : error instanceof Error ? error.name : "error";
}
