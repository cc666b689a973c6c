import { context, metrics, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Emulated, emulate } from "../../test/emulated.js";
import type { LegEvent, TokenUsedEvent } from "../index.js";

const spans = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });
const provider = new MeterProvider({ readers: [reader] });

let world: Emulated;
let used: TokenUsedEvent[];
let legs: LegEvent[];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(provider);
});

afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  metrics.disable();
  context.disable();
});

beforeEach(async () => {
  world = await emulate();
  used = [];
  legs = [];
  spans.reset();
});

afterEach(() => world.close());

const app = (overrides = {}) =>
  world.app({ onTokenUsed: (event) => void used.push(event), onLeg: (event) => void legs.push(event), ...overrides });

test("a call of an agent user is a client span around one span a leg, with flow, agent and reason", async () => {
  const [agentUser] = world.emulator.agentUsers;
  const { agentIdentity = "", username = "" } = agentUser ?? {};
  const correlationId = "c0de0000-0000-4000-8000-000000000001";
  const mailbox = app().forApp().asAgentUser(agentIdentity, { username });
  await mailbox.callDownstream("Graph", "/me/messages?$top=1&secret=query", { correlationId }).json();
  await mailbox.callDownstream("Graph", "/me").json();

  const [first, second] = spans.getFinishedSpans().filter(({ name }) => name === "GET");
  expect(first?.attributes).toEqual({
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(world.emulator.url).port),
    "url.full": `${world.emulator.url}/graph/v1.0/me/messages`,
    "agent_auth.service": "Graph",
  });
  const children = (parent = first) =>
    spans
      .getFinishedSpans()
      .filter((span) => span.spanContext().traceId === parent?.spanContext().traceId && span !== parent);
  expect(
    children()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["agent_auth.leg agent-user", "agent_auth.leg exchange", "agent_auth.leg instance"]);
  for (const { attributes } of children()) {
    expect(attributes).toMatchObject({
      "agent_auth.flow": "agent-user",
      "agent_auth.tenant": world.emulator.tenantId,
      "agent_auth.agent_identity": agentIdentity,
      "agent_auth.tier": "entra",
      "agent_auth.reason": "miss",
      "agent_auth.correlation_id": correlationId,
    });
  }
  expect(children(second)).toEqual([]);
  const [id, ...others] = new Set(world.emulator.requests.map((request) => request.correlationId));
  expect([id, others]).toEqual([correlationId, []]);
});

test("an error is its code, on the span and in the metrics", async () => {
  await app({ clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "wr0ng" }] })
    .forApp()
    .headerFor("Graph")
    .catch(() => {});
  const [span] = spans.getFinishedSpans();
  expect(span).toMatchObject({ attributes: { "error.type": "credential_refused" }, events: [] });
});

test("metrics count tokens by tier, exchanges by outcome, and what is under way", async () => {
  const instance = app();
  for (let calls = 0; calls < 5; calls++) await instance.forApp().headerFor("Graph");
  await reader.forceFlush();
  const points = measured
    .getMetrics()
    .at(-1)
    ?.scopeMetrics.flatMap(({ metrics: list }) => list)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, ...attributes, value })),
    );
  const of = (name: string, attributes: object) =>
    points?.find(
      (point) => point.name === name && Object.entries(attributes).every(([k, v]) => (point as never)[k] === v),
    );
  expect(of("agent_auth.tokens", { "agent_auth.tier": "memory" })?.value).toBeGreaterThanOrEqual(4);
  expect(of("agent_auth.exchanges", { "agent_auth.leg": "client-credentials", outcome: "ok" })?.value).toBeGreaterThan(
    0,
  );
  expect(of("agent_auth.exchanges.in_flight", {})?.value).toBe(0);
  expect(
    of("agent_auth.exchange.duration", { "agent_auth.leg": "client-credentials", outcome: "ok" })?.value,
  ).toMatchObject({
    count: expect.any(Number),
  });
});

test("the audit hears who acted, for whom and on what, cached or not", async () => {
  const [adele] = world.emulator.users;
  const [agent = ""] = world.emulator.agentIdentities.map(({ clientId }) => clientId);
  const auth = await world.request(app(), adele?.id);
  for (let calls = 0; calls < 2; calls++) await auth.asAgent(agent).headerFor("Graph");
  await auth.asApp().headerFor("Graph");
  expect(used).toHaveLength(3);
  expect(used[0]).toMatchObject({
    service: "Graph",
    flow: "agent-on-behalf-of-user",
    tenantId: world.emulator.tenantId,
    agentIdentity: agent,
    blueprint: world.emulator.blueprint.clientId,
    userHash: expect.stringMatching(/^[\w-]{43}$/),
    resource: "https://graph.microsoft.com",
    correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(used[1]).toEqual({ ...used[0], correlationId: undefined });
  expect(used[2]).toMatchObject({ flow: "app-only", agentIdentity: undefined, userHash: undefined });
  expect(JSON.stringify(used)).not.toContain(adele?.id);
});

test("an audit that throws fails no call", async () => {
  const instance = app({
    onTokenUsed: () => {
      throw new Error("disk full");
    },
  });
  expect(await instance.forApp().headerFor("Graph")).toMatch(/^Bearer /);
  expect(world.log).toEqual([expect.stringContaining("onTokenUsed failed: disk full")]);
});

test("nothing that is emitted holds a token, a secret or an assertion", async () => {
  const { emulator } = world;
  const [agent = ""] = emulator.agentIdentities.map(({ clientId }) => clientId);
  const inbound = await emulator.mint("user");
  const secrets: string[] = [inbound, emulator.blueprint.clientSecret];
  const thrown: unknown[] = [];
  const instance = app();
  const wrong = app({ clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "wr0ng-s3cret" }] });
  secrets.push("wr0ng-s3cret");
  for (const each of [instance, wrong]) {
    const auth = await each.authenticate({ authorization: `Bearer ${inbound}` });
    for (const act of [auth, auth.asAgent(agent), auth.asApp(), auth.asApp().asAgent(agent)]) {
      await act
        .callDownstream("Graph", "/me")
        .json()
        .catch((error: unknown) => thrown.push(error));
      await act.headerFor("Graph", { forceRefresh: true }).then(
        (header) => secrets.push(header.slice(7)),
        (error: unknown) => thrown.push(error),
      );
    }
    for (const fault of [{ kind: "status", status: 503 }, { kind: "truncate" }, { kind: "content-type" }] as const) {
      await emulator.faults.add({ ...fault, times: 3, match: { endpoint: "token" } });
      await auth.headerFor("Graph", { forceRefresh: true }).catch((error: unknown) => thrown.push(error));
      emulator.faults.clear();
    }
    for (const error of thrown) each.answer(error);
  }
  expect(thrown.length).toBeGreaterThan(5);
  await reader.forceFlush();
  const emitted = JSON.stringify([
    spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    measured.getMetrics(),
    used,
    legs,
    world.log,
    thrown.map((error) => everythingOf(error)),
  ]);
  expect(emitted.length).toBeGreaterThan(5_000);
  for (const secret of secrets) {
    expect(emitted).not.toContain(secret);
    // Nor the part of a token that makes it one.
    expect(emitted).not.toContain(secret.split(".").at(-1));
  }
});

/** What a logger that prints all of an error would print. */
function everythingOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack, cause } = error;
  return { ...error, message, stack, cause: everythingOf(cause) };
}
