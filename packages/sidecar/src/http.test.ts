import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { send } from "@agent-auth/adapter-contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "../test/world.js";
import { answerErrors } from "./http/answer-errors.js";
import { createServer } from "./http/create-server.js";
import { requireLocalCallers } from "./http/local-callers.js";
import { createSidecar, loadSidecarOptions } from "./index.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

describe("callers", () => {
  it("are served under a local name alone", async () => {
    for (const host of ["localhost:5000", "LOCALHOST", "127.0.0.1", "127.9.9.9:80", "[::1]:5000"]) {
      expect((await world.get("/Validate", undefined, { headers: { host } })).status).toBe(401);
    }
    for (const host of ["sidecar.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:5000"]) {
      const answer = await world.get("/Validate", undefined, { headers: { host } });
      expect(answer.json()).toMatchObject({ status: 400, code: "host_refused" });
    }
  });

  it("probe under any name", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      expect((await world.get(path, undefined, { headers: { host: "10.1.2.3:5000" } })).status).toBe(200);
    }
  });

  it("from other machines are refused outside Development, but for probes", async () => {
    const sidecar = serverFor();
    for (const remoteAddress of ["10.0.0.8", "::2", "::ffff:10.0.0.8", "128.0.0.1"]) {
      const answer = await sidecar.inject({ url: "/private", remoteAddress });
      expect(answer.json()).toMatchObject({ status: 403, code: "caller_not_local" });
      expect((await sidecar.inject({ url: "/public", remoteAddress })).statusCode).toBe(200);
    }
    for (const remoteAddress of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
      expect((await sidecar.inject({ url: "/private", remoteAddress })).statusCode).toBe(200);
    }
  });

  it("from other machines, under any name, are served in Development", async () => {
    const development = await startWorld({ env: { ASPNETCORE_ENVIRONMENT: "Development" } });
    const answer = await development.get("/Validate", undefined, { headers: { host: "sidecar.example" } });
    expect(answer.status).toBe(401);
    await development.close();
  });
});

describe("requests", () => {
  it.each([
    ["POST", "/Validate", "GET"],
    ["POST", "/AuthorizationHeader/Graph", "GET"],
    ["HEAD", "/healthz", "GET"],
    ["OPTIONS", "/DownstreamApi/Graph", "GET, POST, PUT, PATCH, DELETE"],
  ])("by %s to %s are answered 405", async (method, path, allow) => {
    const answer = await world.get(path, undefined, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
  });

  it.each(["/", "/nowhere", "/AuthorizationHeader", "/openapi/v1.json", "/metrics"])(
    "to %s are answered 404",
    async (path) => {
      expect((await world.get(path)).json()).toMatchObject({ status: 404, code: "not_found" });
    },
  );

  it("with a URL that cannot be read are answered 400", async () => {
    const answer = await world.get("/AuthorizationHeader/%E0%A4%A");
    expect(answer.json()).toMatchObject({ status: 400, code: "request_malformed" });
  });
});

describe("errors", () => {
  it("that nobody foresaw are answered 500 without internals, and logged", async () => {
    const failing = await startWorld();
    const options = loadSidecarOptions({ env: failing.emulator.env, directory: import.meta.dirname });
    const log: string[] = [];
    const sidecar = createSidecar({
      ...options,
      logStream: { write: (line) => void log.push(line) },
      auth: {
        ...options.auth,
        agentIdentity: () => {
          throw new Error("the resolver's own secret trouble");
        },
      },
    });
    const url = await sidecar.listen({ port: 0 });
    const answer = await send(`${url}/AuthorizationHeaderUnauthenticated/Graph`);
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({ status: 500, code: "internal_error" });
    expect(answer.text).not.toContain("resolver");
    expect(log.join("")).toContain("the resolver's own secret trouble");
    await sidecar.close();
    await failing.close();
  });

  it("of an Entra that is away are answered 503 with Retry-After", async () => {
    const away = await startWorld();
    const token = await away.emulator.mint("user");
    expect((await away.get("/Validate", token)).status).toBe(200);
    away.emulator.faults.add({ kind: "status", status: 503, match: { endpoint: "token" }, times: 50 });
    const answer = await away.get("/AuthorizationHeader/Graph", token);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    await away.close();
  });
});

describe("/readyz", () => {
  it("answers 503 while the signing keys cannot be had", async () => {
    const options = loadSidecarOptions({
      env: { ...world.emulator.env, AzureAd__Instance: "http://127.0.0.1:1/" },
      directory: import.meta.dirname,
    });
    const sidecar = createSidecar({ ...options, logLevel: "silent" });
    const url = await sidecar.listen({ port: 0 });
    expect((await send(`${url}/readyz`)).status).toBe(503);
    expect((await send(`${url}/healthz`)).status).toBe(200);
    await sidecar.close();
  });
});

describe("/readyz without a credential that loads", () => {
  it("answers 503 and says why", async () => {
    const options = loadSidecarOptions({
      env: {
        ...world.emulator.env,
        AzureAd__ClientCredentials__0__SourceType: "Path",
        AzureAd__ClientCredentials__0__CertificateDiskPath: "/nowhere/certificate.pem",
        AzureAd__ClientCredentials__0__ClientSecret: undefined,
      },
      directory: import.meta.dirname,
    });
    const sidecar = createSidecar({ ...options, logLevel: "silent" });
    const url = await sidecar.listen({ port: 0 });
    const answer = await send(`${url}/readyz`);
    expect(answer.json()).toMatchObject({ status: 503, code: "not_ready" });
    expect(answer.json().detail).toMatch(/Path: \/nowhere\/certificate\.pem cannot be read/);
    await sidecar.close();
  });
});

describe("the log", () => {
  it("has a line for each request, and no token, secret or query in any", async () => {
    const token = await world.emulator.mint("user");
    const query = "optionsOverride.Scopes=User.Read&AgentUsername=someone@contoso.example";
    await world.get(`/AuthorizationHeader/Graph?${query}`, token);
    await world.get("/AuthorizationHeader/Graph?optionsOverride.Scopes=Nowhere.Read", token);
    await world.get("/Validate", `${token}x`);
    const log = world.log.join("");
    expect(world.log.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ route: "/AuthorizationHeader/:apiName", service: "Graph", status: 400, method: "GET" }),
    );
    const { clientSecret } = world.emulator.blueprint;
    for (const secret of [token, clientSecret, "someone@contoso.example", "eyJ"]) expect(log).not.toContain(secret);
  });
});

describe("a Unix socket", () => {
  it("is listened on, and its callers are local under any name", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sidecar-"));
    const socketPath = join(directory, "sidecar.sock");
    const options = loadSidecarOptions({
      env: { ...world.emulator.env, ASPNETCORE_URLS: `http://unix:${socketPath}` },
      directory,
    });
    const sidecar = createSidecar({ ...options, logLevel: "silent" });
    expect(await sidecar.listen()).toBe(`unix:${socketPath}`);
    expect(await statusOver(socketPath)).toBe(401);
    await sidecar.close();
    rmSync(directory, { recursive: true });
  });
});

describe("/metrics", () => {
  it("counts requests and legs, without tenants, agents or users", async () => {
    const measured = await startWorld({ env: { Sidecar__Metrics: "true" } });
    await measured.get("/AuthorizationHeader/Graph", await measured.emulator.mint("user"));
    const { text, headers } = await measured.get("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(
      /duration_seconds_count\{route="\/AuthorizationHeader\/:apiName",method="GET",status="200"\} 1/,
    );
    expect(text).toMatch(/agent_auth_legs_total\{kind="on-behalf-of",cache="miss",outcome="ok"\} 1/);
    expect(text).not.toContain(measured.emulator.tenantId);
    await measured.close();
  });
});

describe("close", () => {
  it("answers what is under way first, and then refuses connections", async () => {
    const closing = await startWorld();
    const token = await closing.emulator.mint("user");
    await closing.get("/Validate", token);
    closing.emulator.faults.add({ kind: "delay", milliseconds: 150, match: { endpoint: "token" } });
    // fetch keeps its connections alive, as clients do.
    const headers = { authorization: `Bearer ${token}` };
    await (await fetch(`${closing.url}/healthz`)).text();
    const underWay = fetch(`${closing.url}/AuthorizationHeader/Graph`, { headers });
    // The request has reached the emulator when its scripted fault is spent.
    await expect.poll(() => closing.emulator.faults.pending).toHaveLength(0);
    const closed = closing.close();
    expect((await underWay).status).toBe(200);
    await closed;
    await expect(send(`${closing.url}/healthz`)).rejects.toThrow(/ECONNREFUSED/);
  });
});

function statusOver(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: "/Validate", headers: { host: "anything.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

/** A server with the rule about callers: a test cannot call from another machine, but Fastify can say that it did. */
function serverFor() {
  const app = createServer({ auth: { tenantId: "", clientId: "" }, logLevel: "silent" });
  requireLocalCallers(app);
  answerErrors(app, { answer: () => undefined });
  app.get("/private", async () => "private");
  app.get("/public", { config: { public: true } }, async () => "public");
  return app;
}
