import type { LegEvent } from "@agent-auth/core";
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Prometheus metrics of one sidecar. Labels are bounded: no tenant, no agent, no user. */
export interface Metrics {
  /** For core's `onLeg`. */
  readonly onLeg: (event: LegEvent) => void;
  /** Counts the requests of a server and serves `/metrics` on it, also to callers beyond this machine. */
  serve(app: FastifyInstance): void;
}

/** Creates the metrics of a sidecar, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "agent_auth_sidecar_request_duration_seconds",
    help: "Requests by route, method and status.",
    labelNames: ["route", "method", "status"] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers,
  });
  const legs = new Counter({
    name: "agent_auth_legs_total",
    help: "Legs of token acquisitions: served from the cache (hit), asked for (miss), or waited for (shared).",
    labelNames: ["kind", "cache", "outcome"] as const,
    registers,
  });
  return {
    onLeg: ({ kind, cache, outcome }) => legs.inc({ kind, cache, outcome }),
    serve: (app) => {
      app.addHook("onResponse", (request, reply, done) => {
        const labels = { route: request.routeOptions.url ?? "none", method: request.method, status: reply.statusCode };
        requests.observe(labels, reply.elapsedTime / 1000);
        done();
      });
      app.get("/metrics", { config: { public: true } }, async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.metrics()),
      );
    },
  };
}
