import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AgentAuth,
  type AgentAuthOptions,
  createAgentAuth,
  type DownstreamApiOptions,
  loadOptions,
} from "../index.js";

let emulator: Emulator;
let api: Server;
let origin: string;
let agentAuth: AgentAuth;
let seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];
let answer: (res: ServerResponse, count: number) => void;

beforeAll(async () => {
  emulator = await startEmulator();
  api = createServer(async (req, res) => {
    const body = (await req.toArray()).join("");
    seen.push({ method: req.method ?? "", url: req.url ?? "", headers: req.headers, body });
    answer(res, seen.length);
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await emulator.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

beforeEach(() => {
  seen = [];
  answer = (res) => res.setHeader("content-type", "application/json").end('{"ok":true}');
  agentAuth = create({});
});

afterEach(async () => {
  emulator.faults.clear();
  emulator.clearRequests();
  await agentAuth.close();
});

function create(service: DownstreamApiOptions, overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
  const options = loadOptions({ env: emulator.env, directory: import.meta.dirname });
  return createAgentAuth({
    ...options,
    downstreamApis: {
      ...options.downstreamApis,
      Api: { baseUrl: `${origin}/v1`, scopes: ["https://graph.microsoft.com/.default"], ...service },
    },
    logger: { warn: () => {}, error: () => {} },
    ...overrides,
  });
}

const app = () => agentAuth.forApp();

describe("a call", () => {
  test("says what the service says, and the call's own words first", async () => {
    agentAuth = create({
      relativePath: "things",
      httpMethod: "PATCH",
      acceptHeader: "text/plain",
      extraHeaderParameters: { "X-Service": "a", "X-Both": "a" },
      extraQueryParameters: { version: "1", both: "a" },
    });
    const init = { json: { a: 1 }, query: { both: "b" }, headers: { "x-both": "b", authorization: "Bearer mine" } };
    await app().callDownstream("Api", "/7?x=1", init).text();
    expect(seen).toEqual([
      {
        method: "PATCH",
        url: "/v1/things/7?x=1&version=1&both=b",
        body: '{"a":1}',
        headers: expect.objectContaining({
          accept: "text/plain",
          "content-type": "application/json",
          "x-service": "a",
          "x-both": "b",
          authorization: expect.stringMatching(/^Bearer eyJ/),
        }),
      },
    ]);
  });

  test("streams both ways", async () => {
    answer = (res) => {
      res.write("first,");
      setTimeout(() => res.end("second"), 30);
    };
    const body = Readable.toWeb(Readable.from(["a", "b", "c"])) as ReadableStream;
    const response = await app().callDownstream("Api", "/stream", { method: "POST", body });
    const chunks: string[] = [];
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString());
    expect(chunks).toEqual(["first,", "second"]);
    expect(seen[0]?.body).toBe("abc");
  });

  test("an error carries status, headers, request id and 8 KiB of the body", async () => {
    answer = (res) => res.writeHead(418, { "request-id": "r-1", "x-y": "z" }).end("x".repeat(20_000));
    const error = await app()
      .callDownstream("Api", "/")
      .json()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "DownstreamError",
      downstreamStatus: 418,
      requestId: "r-1",
      downstreamBody: "x".repeat(8192),
      status: 502,
    });
  });
});

describe("retries", () => {
  test("an idempotent call is repeated after 503, for as long as the API wishes", async () => {
    answer = (res, count) => (count < 3 ? res.writeHead(503, { "retry-after": "0" }).end() : res.end("fine"));
    expect(
      await app()
        .callDownstream("Api", "/x", { method: "PUT", json: { a: 1 } })
        .text(),
    ).toBe("fine");
    expect(seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
  });

  test("a dropped connection is tried again", async () => {
    answer = (res, count) => (count === 1 ? res.destroy() : res.end("fine"));
    expect(await app().callDownstream("Api", "/x").text()).toBe("fine");
  });

  test.each([
    ["a POST", { method: "POST", json: {} }],
    ["a stream", { method: "PUT", body: Readable.toWeb(Readable.from(["a"])) as ReadableStream }],
    ["a call that wants none", { maxRetries: 0 }],
  ])("%s is not repeated", async (_name, init) => {
    answer = (res) => res.writeHead(503, { "retry-after": "0" }).end();
    expect((await app().callDownstream("Api", "/x", init)).status).toBe(503);
    expect(seen).toHaveLength(1);
  });

  test("nor is one whose wait would outlast the timeout: the answer comes at once", async () => {
    answer = (res) => res.writeHead(429, { "retry-after": "60" }).end();
    expect((await app().callDownstream("Api", "/x", { timeoutMs: 2_000 })).status).toBe(429);
    expect(seen).toHaveLength(1);
  });

  test("a silent API is a 504 after the timeout, not later", async () => {
    answer = () => {};
    await app().headerFor("Api");
    const startedAt = performance.now();
    await expect(app().callDownstream("Api", "/x", { timeoutMs: 300 }).text()).rejects.toMatchObject({
      code: "downstream_timeout",
      status: 504,
    });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(seen).toHaveLength(1);
  });
});

describe("redirects", () => {
  const redirect = (location: string) => (res: ServerResponse, count: number) =>
    count === 1 ? res.writeHead(302, { location }).end() : res.end("there");

  test("are returned", async () => {
    answer = redirect("/v1/b");
    expect((await app().callDownstream("Api", "/a")).status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  test("are followed within the origin where the service says so, and never to another", async () => {
    agentAuth = create({ followRedirects: true });
    answer = redirect("/v1/b");
    expect(await app().callDownstream("Api", "/a").text()).toBe("there");
    expect(seen.map(({ url }) => url)).toEqual(["/v1/a", "/v1/b"]);

    for (const location of ["http://localhost:1/x", origin.replace("//", "//u:p@"), "//evil.example/"]) {
      seen = [];
      answer = redirect(location);
      expect((await app().callDownstream("Api", "/a")).status).toBe(302);
      expect(seen).toHaveLength(1);
    }
    seen = [];
    answer = redirect("/v1/b");
    expect((await app().callDownstream("Api", "/a", { method: "POST" })).status).toBe(302);
  });

  test("end", async () => {
    agentAuth = create({ followRedirects: true });
    answer = (res) => res.writeHead(302, { location: "/v1/again" }).end();
    expect((await app().callDownstream("Api", "/a")).status).toBe(302);
    expect(seen).toHaveLength(6);
  });
});

describe("claims challenges", () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const challenge = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString("base64")}"`;

  test("are answered once, past the cache, and the new token stays", async () => {
    answer = (res, count) =>
      count === 1 ? res.writeHead(401, { "www-authenticate": challenge }).end() : res.end("fine");
    expect(
      await app()
        .callDownstream("Api", "/x", { method: "POST", json: { a: 1 } })
        .text(),
    ).toBe("fine");
    const [first, second] = seen;
    expect(second?.body).toBe('{"a":1}');
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
    expect(JSON.parse(emulator.requests.at(-1)?.params.claims ?? "{}")).toMatchObject(JSON.parse(claims));
    expect(await app().headerFor("Api")).toBe(second?.headers.authorization);
  });

  test("that come again are the caller's to see", async () => {
    answer = (res) => res.writeHead(401, { "www-authenticate": challenge }).end();
    expect((await app().callDownstream("Api", "/x")).status).toBe(401);
    expect(seen).toHaveLength(2);
  });

  test.each([
    ["another error", 'Bearer error="invalid_token"'],
    ["claims that are no JSON", 'Bearer error="insufficient_claims", claims="bm8="'],
    ["no claims", 'Bearer error="insufficient_claims"'],
  ])("%s is no challenge", async (_name, header) => {
    answer = (res) => res.writeHead(401, { "www-authenticate": header }).end();
    expect((await app().callDownstream("Api", "/x")).status).toBe(401);
    expect(seen).toHaveLength(1);
  });

  test("of a revoked user are met by a new token, when Entra agrees", async () => {
    const [adele] = emulator.users;
    const user = agentAuth.authenticate({
      authorization: `Bearer ${await emulator.mint("user", { user: adele?.id ?? "" })}`,
    });
    const auth = await user;
    await auth.callDownstream("Graph", "/me").json();
    await emulator.faults.add({ kind: "revoke-user", user: adele?.id ?? "" });
    expect(await auth.callDownstream("Graph", "/me").json()).toMatchObject({ id: adele?.id });
    expect(emulator.requests.filter(({ params }) => params.claims !== undefined)).toHaveLength(1);
  });

  test("that Entra does not agree to become our own challenge, with the claims for our client", async () => {
    const auth = await agentAuth.authenticate({ authorization: `Bearer ${await emulator.mint("user")}` });
    await emulator.faults.add({
      kind: "status",
      status: 400,
      aadsts: 50076,
      error: "interaction_required",
      claims,
      match: { endpoint: "token" },
    });
    const error = await auth
      .callDownstream("Graph", "/me")
      .json()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "interaction_required", status: 401, aadsts: 50076 });
    const header = (error as { headers: Record<string, string> }).headers["WWW-Authenticate"] ?? "";
    expect(header).toContain('error="insufficient_claims"');
    expect(Buffer.from(/claims="([^"]+)"/.exec(header)?.[1] ?? "", "base64").toString()).toBe(claims);
  });

  test("the capability cp1 is claimed on request, for the tokens that resources see", async () => {
    agentAuth = create({}, { clientCapabilities: ["cp1"] });
    const [agent] = emulator.agentIdentities;
    await app()
      .asAgent(agent?.clientId ?? "")
      .headerFor("Api");
    expect(emulator.requests.map(({ params }) => params.claims?.includes("cp1") ?? false)).toEqual([false, true]);
  });
});

describe("for SDKs", () => {
  test("pages() follows next links below the service, and no further", async () => {
    answer = (res, count) => {
      const next = { 1: `${origin}/v1/list?$skip=2`, 2: `${origin}/v1/list?$skip=4` }[count];
      res.end(JSON.stringify({ value: [count * 2 - 1, count * 2], ...(next && { "@odata.nextLink": next }) }));
    };
    const items: number[] = [];
    for await (const page of app().pages<number>("Api", "/list", { query: { $top: 2 } })) items.push(...page);
    expect(items).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen.map(({ url }) => url)).toEqual(["/v1/list?%24top=2", "/v1/list?$skip=2", "/v1/list?$skip=4"]);

    answer = (res) => res.end(JSON.stringify({ value: [], "@odata.nextLink": "https://evil.example/v1/list" }));
    await expect(collect(app().pages("Api", "/list"))).rejects.toMatchObject({ code: "downstream_url_refused" });
    answer = (res) => res.end('{"error":1}');
    await expect(collect(app().pages("Api", "/list"))).rejects.toMatchObject({ code: "downstream_page_invalid" });
  });

  test("pages() ends when a link leads in a circle", async () => {
    answer = (res) => res.end(JSON.stringify({ value: [], "@odata.nextLink": `${origin}/v1/list?again` }));
    await expect(collect(app().pages("Api", "/list"))).rejects.toMatchObject({ code: "downstream_page_invalid" });
  });

  test("fetchFor() keeps a body that can be sent twice, and takes a Request", async () => {
    answer = (res, count) => (count === 1 ? res.writeHead(503, { "retry-after": "0" }).end() : res.end("fine"));
    const api = app().fetchFor("Api");
    expect(await (await api(`${origin}/v1/x?y=1`, { method: "PUT", body: "abc" })).text()).toBe("fine");
    expect(seen.map(({ url, body }) => [url, body])).toEqual([
      ["/v1/x?y=1", "abc"],
      ["/v1/x?y=1", "abc"],
    ]);
    await api(new Request(`${origin}/v1/z`, { method: "POST", body: "def" }));
    expect(seen.at(-1)).toMatchObject({ method: "POST", url: "/v1/z", body: "def" });
    await expect(api(`${origin}/v10/x`)).rejects.toMatchObject({ code: "downstream_url_refused" });
  });

  test("toTokenCredential() gives the token of the scopes that a client names", async () => {
    const credential = app().toTokenCredential("Api");
    const { token, expiresOnTimestamp } = await credential.getToken("https://graph.microsoft.com/.default");
    expect(decodeJwt(token)).toMatchObject({ aud: "https://graph.microsoft.com", idtyp: "app" });
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
    expect(`Bearer ${token}`).toBe(await app().headerFor("Api"));
  });
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
