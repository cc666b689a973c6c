import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulated, emulate, until } from "../../test/emulated.js";
import type { LegEvent } from "../index.js";

const always = 1_000_000;

let world: Emulated;
let agent: string;
let agentUser: { userId: string };
let legs: LegEvent[];

beforeEach(async () => {
  world = await emulate();
  agent = world.emulator.agentIdentities[0]?.clientId ?? "";
  agentUser = { userId: world.emulator.agentUsers[0]?.id ?? "" };
  legs = [];
});

afterEach(() => world.close());

const onLeg = (event: LegEvent) => void legs.push(event);
const posts = () => world.emulator.requests.length;
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: { code?: string }) => error.code,
  );

describe("while Entra is down", () => {
  test("ten minutes past the time of renewal fail no call while the token lives, and the renewal comes after", async () => {
    const app = world.app({ onLeg, entraMaxRetries: 0 });
    const auth = await world.request(app);
    const first = await auth.headerFor("Graph");
    world.advance(3600 * 0.8);
    await world.emulator.faults.add({ kind: "status", status: 503, times: always, match: { endpoint: "token" } });
    for (let second = 0; second < 600; second += 10) {
      expect(await auth.headerFor("Graph")).toBe(first);
      world.advance(10);
    }
    await until(() => legs.some(({ cache, outcome }) => cache === "refresh" && outcome === "entra_unavailable"));
    // Backoff: one try at once, then after 30, 60, 120, 240 seconds.
    expect(posts() - 1).toBeLessThanOrEqual(6);
    expect(world.log.some((line) => line.includes("could not be renewed yet"))).toBe(true);

    world.emulator.faults.clear();
    await world.emulator.faults.add({ kind: "clock-offset", seconds: Math.round((world.now() - Date.now()) / 1000) });
    world.advance(95);
    expect(await auth.headerFor("Graph")).not.toBe(first);
  });

  test("a token in its last minute still serves, and one that is over does not", async () => {
    const app = world.app({ onLeg, entraMaxRetries: 0 });
    const first = await app.forApp().headerFor("Graph");
    const { expiresOn } = await app.forApp().tokenFor("Graph");
    await world.emulator.faults.add({ kind: "reset", times: always, match: { endpoint: "token" } });
    world.advance((expiresOn.getTime() - world.now()) / 1000 - 30);
    expect(await app.forApp().headerFor("Graph")).toBe(first);
    expect(legs.at(-1)).toMatchObject({ cache: "stale", outcome: "entra_unavailable" });
    world.advance(60);
    expect(await codeOf(app.forApp().headerFor("Graph"))).toBe("entra_unavailable");
  });
});

test("twenty callers past the time of renewal get the token at hand, and cause one request", async () => {
  const app = world.app({ onLeg });
  const first = await app.forApp().headerFor("Graph");
  world.advance(3600 * 20);
  const renewed = await app.forApp().headerFor("Graph");
  expect(renewed).not.toBe(first);
  const { expiresOn } = await app.forApp().tokenFor("Graph");
  world.advance(((expiresOn.getTime() - world.now()) / 1000) * 0.85);
  const before = posts();
  const headers = await Promise.all(Array.from({ length: 20 }, () => app.forApp().headerFor("Graph")));
  expect(new Set(headers)).toEqual(new Set([renewed]));
  await until(() => legs.some(({ cache, outcome }) => cache === "refresh" && outcome === "ok"));
  expect(posts()).toBe(before + 1);
  expect(await app.forApp().headerFor("Graph")).not.toBe(renewed);
  expect(posts()).toBe(before + 1);
});

describe("what passes is tried again", () => {
  test.each([
    ["a 503", { kind: "status", status: 503, retryAfter: 0 }],
    ["a 429", { kind: "status", status: 429, retryAfter: 0 }],
    ["a dropped connection", { kind: "reset" }],
    ["half an answer", { kind: "truncate" }],
  ] as const)("%s", async (_name, fault) => {
    const app = world.app();
    await world.emulator.faults.add({ ...fault, times: 2, match: { endpoint: "token" } });
    expect(await app.forApp().headerFor("Graph")).toMatch(/^Bearer /);
  });

  test("no longer than the budget: a wish to wait longer is an answer", async () => {
    const app = world.app({ entraTimeoutMs: 2_000 });
    await world.emulator.faults.add({ kind: "status", status: 429, retryAfter: 30, match: { endpoint: "token" } });
    await expect(app.forApp().headerFor("Graph")).rejects.toMatchObject({
      code: "entra_throttled",
      status: 503,
      headers: { "Retry-After": "30" },
    });
    expect(posts()).toBe(1);
  });
});

test("429 for one user leaves all others untouched, and is not provoked again before its time", async () => {
  const app = world.app({ entraTimeoutMs: 2_000 });
  const [adele, ben] = world.emulator.users;
  await world.emulator.faults.add({
    kind: "status",
    status: 429,
    retryAfter: 60,
    times: always,
    match: { endpoint: "token", user: ben?.id ?? "" },
  });
  const throttled = await world.request(app, ben?.id);
  expect(await codeOf(throttled.headerFor("Graph"))).toBe("entra_throttled");
  const before = posts();
  expect(await codeOf(throttled.headerFor("Graph"))).toBe("entra_throttled");
  expect(posts()).toBe(before);
  for (const other of [await world.request(app, adele?.id), throttled.asApp(), throttled.asApp().asAgent(agent)]) {
    expect(await codeOf(other.headerFor("Graph"))).toBe("ok");
  }
  world.emulator.faults.clear();
  world.advance(61);
  expect(await codeOf(throttled.headerFor("Graph"))).toBe("ok");
});

test("a hung endpoint costs the configured time and not more, however many legs there are", async () => {
  const app = world.app({ entraTimeoutMs: 400 });
  await world.emulator.faults.add({ kind: "hang", times: always, match: { endpoint: "token" } });
  for (const auth of [app.forApp(), app.forApp().asAgentUser(agent, agentUser)]) {
    const startedAt = performance.now();
    await expect(auth.headerFor("Graph")).rejects.toMatchObject({
      code: "entra_timeout",
      status: 504,
      retryable: true,
    });
    const took = performance.now() - startedAt;
    expect(took).toBeGreaterThan(350);
    expect(took).toBeLessThan(1_200);
  }
});

describe("an answer that makes no sense is a clean upstream error", () => {
  test.each([
    ["cut off", { kind: "truncate" }, "entra_unavailable"],
    ["of another content type", { kind: "content-type" }, "entra_response_invalid"],
    ["an HTML error page", { kind: "status", status: 502, body: "<html>Bad gateway</html>" }, "entra_unavailable"],
    ["an HTML refusal", { kind: "status", status: 404, body: "<html>Not here</html>" }, "entra_response_invalid"],
  ] as const)("%s", async (_name, fault, code) => {
    const app = world.app({ entraMaxRetries: 0 });
    await world.emulator.faults.add({ ...fault, match: { endpoint: "token" } });
    const error = await app
      .forApp()
      .headerFor("Graph")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "EntraError", code, family: "upstream" });
    expect(String(error)).not.toContain("<html>");
    expect(await app.forApp().headerFor("Graph")).toMatch(/^Bearer /);
  });
});

describe("cold calls", () => {
  test("1,000 users through one agent are 1,001 requests", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => world.emulator.mint("user", { claims: { uti: String(index) } })),
    );
    let sent = 0;
    const app = world.app({
      agentIdentity: agent,
      fetch: ((url, init) => {
        if (init?.method === "POST") sent++;
        return fetch(url, init);
      }) as typeof fetch,
    });
    const auths = await Promise.all(tokens.map((token) => app.authenticate({ authorization: `Bearer ${token}` })));
    const headers = await Promise.all(auths.map((auth) => auth.headerFor("Graph")));
    expect(sent).toBe(1001);
    expect(new Set(headers).size).toBe(1000);
  }, 60_000);

  test("after warmUp() the first user's call is one request", async () => {
    const app = world.app({ agentIdentity: agent });
    await app.warmUp();
    expect(posts()).toBe(1);
    await (await world.request(app)).headerFor("Graph");
    expect(posts()).toBe(2);
  });

  test("a service that cannot be warmed up is a warning, and the others are", async () => {
    const app = world.app({
      agentIdentity: agent,
      downstreamApis: { Bad: { scopes: [] }, Good: { scopes: ["User.Read"], requestAppToken: true } },
    });
    await app.warmUp();
    expect(world.log).toEqual([expect.stringMatching(/Bad could not be warmed up: .*scopes/)]);
    await app.forApp().headerFor("Good");
    expect(posts()).toBe(2);
  });
});

describe("a caller that gives up", () => {
  test("is let go at once, while the request that others wait for goes on", async () => {
    const app = world.app();
    await world.emulator.faults.add({ kind: "delay", milliseconds: 300, match: { endpoint: "token" } });
    const controller = new AbortController();
    const patient = app.forApp().headerFor("Graph");
    const hasty = app.forApp().headerFor("Graph", { signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(hasty).rejects.toThrow("gone");
    expect(await patient).toMatch(/^Bearer /);
    expect(posts()).toBe(1);
    await expect(app.forApp().headerFor("Graph", { signal: controller.signal, forceRefresh: true })).rejects.toThrow(
      "gone",
    );
    expect(posts()).toBe(1);
  });
});

test("a token that was on its way when tokens were forgotten is not kept", async () => {
  const app = world.app();
  await world.emulator.faults.add({ kind: "delay", milliseconds: 200, match: { endpoint: "token" } });
  const onItsWay = app.forApp().headerFor("Graph");
  await until(() => posts() === 0 && world.emulator.faults.pending.length === 0);
  await app.forget();
  const other = app.forApp().headerFor("Graph");
  expect(await other).not.toBe(await onItsWay);
  expect(await app.forApp().headerFor("Graph")).toBe(await other);
});

test("app-only legs ask the regional endpoint, user legs the global one", async () => {
  const hosts: string[] = [];
  const app = world.app({
    instance: "https://login.microsoftonline.com/",
    azureRegion: "westeurope",
    entraMaxRetries: 0,
    fetch: (async (url: string) => {
      hosts.push(new URL(url).host);
      const body = { access_token: "a.b.c", token_type: "Bearer", expires_in: 3600 };
      return Response.json(body);
    }) as never,
  });
  await app.forApp().asAgentUser(agent, agentUser).headerFor("Graph");
  const regional = "westeurope.login.microsoft.com";
  expect(hosts).toEqual([regional, regional, "login.microsoftonline.com"]);
});
