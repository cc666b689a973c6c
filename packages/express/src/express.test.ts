import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ContractWorld, send, startWorld } from "@agent-auth/adapter-contract";
import { type AgentAuth, createAgentAuth, isAgentAuthError } from "@agent-auth/core";
import express, { type ErrorRequestHandler, type Express } from "express";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentAuth, agentAuthErrorHandler } from "./index.js";

let world: ContractWorld;
let auth: AgentAuth;
beforeAll(async () => {
  world = await startWorld();
  auth = createAgentAuth(world.options);
});
afterAll(async () => {
  await auth.close();
  await world.close();
});

async function serving<Result>(app: Express, use: (url: string) => Promise<Result>): Promise<Result> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

it("names the option that is wrong", () => {
  expect(() => agentAuth({ ...world.options, clientId: "x" })).toThrow(
    expect.objectContaining({ code: "options_invalid", message: expect.stringContaining("clientId") }),
  );
});

it("refuses a policy that asks for nothing when it is written", () => {
  const scopes = [] as unknown as [string];
  expect(() => agentAuth(auth, { scopes })).toThrow(expect.objectContaining({ code: "options_invalid" }));
});

it("answers with the instance that protects the route, where an app has two", async () => {
  const other = createAgentAuth({ ...world.options, resourceMetadata: { resource: "https://other.example" } });
  const app = express();
  app.use("/one", agentAuth(auth));
  app.use("/two", agentAuth(other));
  await serving(app, async (url) => {
    for (const [path, instance] of [
      ["/one", auth],
      ["/two", other],
    ] as const) {
      const { headers } = await send(`${url}${path}`);
      expect(headers["www-authenticate"]).toContain(`resource_metadata="${instance.resourceMetadata?.url}"`);
    }
  });
  await other.close();
});

it("lets an error handler of the application's own answer first", async () => {
  const app = express();
  app.use(agentAuth(auth));
  const own: ErrorRequestHandler = (error, _req, res, next) =>
    isAgentAuthError(error) ? void res.status(418).json({ mine: error.code }) : next(error);
  app.use(own);
  const answer = await serving(app, (url) => send(url));
  expect([answer.status, answer.json()]).toEqual([418, { mine: "authorization_missing" }]);
});

it("answers earlier where its error handler is put, for instance on a router", async () => {
  const app = express();
  const router = express.Router();
  router.use(agentAuth(auth));
  router.use(agentAuthErrorHandler(auth));
  app.use("/api", router);
  app.use(((_error, _req, res, _next) => void res.sendStatus(418)) satisfies ErrorRequestHandler);
  const answer = await serving(app, (url) => send(`${url}/api`));
  expect([answer.status, answer.json().code]).toEqual([401, "authorization_missing"]);
});

it("leaves an answer alone that has begun when the error comes", async () => {
  const app = express();
  app.use(agentAuth(auth));
  app.get("/", async (req, res) => {
    res.write("begun");
    await req.agentAuth.headerFor("Scopeless");
  });
  const authorization = `Bearer ${await world.emulator.mint("user")}`;
  await serving(app, async (url) => {
    await expect(send(url, { headers: { authorization } })).rejects.toThrow(/aborted|hang up/);
  });
});

it("shows the caller to the whole application, also behind a sub-application that is protected on its own", async () => {
  const api = express();
  api.use(agentAuth(auth));
  api.use((_req, _res, next) => next());
  const app = express();
  app.use("/api", api);
  app.use((req, res) => void res.json({ kind: (req.agentAuth as typeof req.agentAuth | undefined)?.caller.kind }));
  const authorization = `Bearer ${await world.emulator.mint("user")}`;
  await serving(app, async (url) => {
    expect((await send(`${url}/api`, { headers: { authorization } })).json()).toEqual({ kind: "user" });
    expect((await send(url, { headers: { authorization } })).json()).toEqual({});
  });
});

it("lets a test put a caller of its own in place", async () => {
  const app = express();
  app.use(agentAuth(auth, { optional: true }));
  app.use((req, _res, next) => {
    req.agentAuth = Object.create(req.agentAuth ?? null, { token: { value: "the test's" } });
    next();
  });
  app.get("/", (req, res) => void res.json({ token: req.agentAuth.token }));
  const authorization = `Bearer ${await world.emulator.mint("user")}`;
  await serving(app, async (url) => {
    expect((await send(url)).json()).toEqual({ token: "the test's" });
    expect((await send(url, { headers: { authorization } })).json()).toEqual({ token: "the test's" });
  });
});
