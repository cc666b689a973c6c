import { type ContractWorld, startWorld } from "@agent-auth/adapter-contract";
import { createAgentAuth, type RequestAuth } from "@agent-auth/core";
import swagger from "@fastify/swagger";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentAuth, agentAuthErrorHandler, documentSecurity, securitySchemes } from "./index.js";

let world: ContractWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const bearer = async (...mint: Parameters<ContractWorld["emulator"]["mint"]>) => ({
  authorization: `Bearer ${await world.emulator.mint(...mint)}`,
});

it("works through app.inject, without a socket", async () => {
  await using app = Fastify();
  await app.register(agentAuth, world.options);
  app.get("/me", async (request) => request.agentAuth.callDownstream("Graph", "/me").json());
  const answer = await app.inject({ url: "/me", headers: await bearer("user") });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ userPrincipalName: "adele@contoso.example" });
  const refused = await app.inject("/me");
  expect(refused.statusCode).toBe(401);
  expect(refused.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
});

it("respects encapsulation: two scopes with two audiences, and a third without", async () => {
  await using app = Fastify();
  for (const name of ["one", "two"]) {
    await app.register(
      async (scope) => {
        await scope.register(agentAuth, {
          ...world.options,
          audiences: [`api://${name}`],
          resourceMetadata: undefined,
        });
        scope.get("/me", async (request) => request.agentAuth.caller.kind);
      },
      { prefix: `/${name}` },
    );
  }
  app.get("/free", async (request) => "agentAuth" in request);
  for (const [path, audience, status] of [
    ["/one/me", "api://one", 200],
    ["/one/me", "api://two", 401],
    ["/two/me", "api://two", 200],
    ["/two/me", "api://one", 401],
  ] as const) {
    const answer = await app.inject({ url: path, headers: await bearer("user", { audience }) });
    expect([path, audience, answer.statusCode]).toEqual([path, audience, status]);
  }
  expect((await app.inject("/free")).json()).toBe(false);
});

it("protects routes that were declared before it, too", async () => {
  await using app = Fastify();
  app.get("/early", async () => "served");
  await app.register(agentAuth, world.options);
  expect((await app.inject("/early")).statusCode).toBe(401);
});

it("refuses a route's policy that asks for nothing when the route is declared", async () => {
  await using app = Fastify();
  await app.register(agentAuth, world.options);
  const refused = expect.objectContaining({ code: "options_invalid" });
  const scopes = [] as unknown as [string];
  expect(() => app.get("/x", { config: { agentAuth: { scopes } } }, async () => "")).toThrow(refused);
  // Fastify's types infer the rest of `config`, and so let this pass.
  expect(() => app.get("/y", { config: { agentAuth: { scope: ["A"] } } }, async () => "")).toThrow(refused);
});

it("names the option that is wrong", async () => {
  const app = Fastify();
  await expect(app.register(agentAuth, { ...world.options, clientId: "x" })).rejects.toMatchObject({
    code: "options_invalid",
    message: expect.stringContaining("clientId"),
  });
});

it("closes the instance that it made, and leaves alone the one that it was given", async () => {
  const given = createAgentAuth(world.options);
  for (const options of [world.options, given]) {
    const app = Fastify();
    await app.register(agentAuth, options);
    let auth: RequestAuth | undefined;
    app.get("/me", async (request) => {
      auth = request.agentAuth;
      return auth.headerFor("Graph");
    });
    expect((await app.inject({ url: "/me", headers: await bearer("user") })).statusCode).toBe(200);
    await app.close();
    const later = auth?.headerFor("Graph", { forceRefresh: true });
    if (options === given) await expect(later).resolves.toMatch(/^Bearer /);
    else await expect(later).rejects.toThrow();
  }
  await given.close();
});

it("leaves other errors to the handler that was set before", async () => {
  await using app = Fastify();
  app.setErrorHandler((error: Error, _request, reply) => reply.code(418).send({ mine: error.message }));
  await app.register(async (scope) => {
    await scope.register(agentAuth, world.options);
    scope.get("/throws", async () => {
      throw new Error("mine");
    });
  });
  const answer = await app.inject({ url: "/throws", headers: await bearer("user") });
  expect([answer.statusCode, answer.json()]).toEqual([418, { mine: "mine" }]);
  expect((await app.inject("/throws")).json()).toMatchObject({ code: "authorization_missing" });
});

it("has its error handler ready for an application that sets one of its own", async () => {
  await using app = Fastify();
  const auth = createAgentAuth(world.options);
  await app.register(agentAuth, auth);
  await app.register(async (scope) => {
    scope.setErrorHandler(agentAuthErrorHandler(auth, (_error, _request, reply) => void reply.code(418).send()));
    scope.get("/me", async (request) => request.agentAuth.headerFor("Nowhere" as never));
    scope.get("/throws", async () => {
      throw new Error("mine");
    });
  });
  expect((await app.inject("/me")).statusCode).toBe(401);
  expect((await app.inject({ url: "/me", headers: await bearer("user") })).json()).toMatchObject({
    code: "service_unknown",
  });
  expect((await app.inject({ url: "/throws", headers: await bearer("user") })).statusCode).toBe(418);
  await auth.close();
});

it("documents what routes ask for, with @fastify/swagger", async () => {
  await using app = Fastify();
  await app.register(swagger, {
    openapi: {
      info: { title: "API", version: "1" },
      components: { securitySchemes: { ...securitySchemes, other: { type: "apiKey", name: "key", in: "query" } } },
    },
    transform: documentSecurity,
  });
  await app.register(agentAuth, world.options);
  const handler = async () => "";
  app.get("/plain", handler);
  app.get("/public", { config: { agentAuth: false } }, handler);
  app.get("/optional", { config: { agentAuth: { optional: true } } }, handler);
  app.get("/scoped", { config: { agentAuth: { scopes: [{ allOf: ["A", "B"] }], roles: ["C"] } } }, handler);
  app.get("/own", { schema: { security: [{ other: [] }] } }, handler);
  await app.ready();
  const document = JSON.parse(JSON.stringify(app.swagger()));
  expect(document.components.securitySchemes).toMatchObject({
    entra: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  });
  const security = Object.fromEntries(
    Object.entries<{ get: { security: unknown } }>(document.paths).map(([path, { get }]) => [path, get.security]),
  );
  expect(security).toEqual({
    "/plain": [{ entra: [] }],
    "/public": [],
    "/optional": [{}, { entra: [] }],
    "/scoped": [{ entra: ["A", "B", "C"] }],
    "/own": [{ other: [] }],
  });
});

it("gives every request the same shape", async () => {
  await using app = Fastify();
  await app.register(agentAuth, world.options);
  const shapes = new Set<string>();
  app.get("/public", { config: { agentAuth: false } }, async (request) => shapes.add(Object.keys(request).join()));
  app.get("/me", async (request) => shapes.add(Object.keys(request).join()));
  await app.inject("/public");
  await app.inject({ url: "/me", headers: await bearer("app") });
  expect([...shapes]).toHaveLength(1);
  expect([...shapes][0]).toContain("agentAuth");
});
