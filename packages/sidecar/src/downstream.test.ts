import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binaryBytes } from "../test/downstream.js";
import { echoed, startWorld, type World } from "../test/world.js";

let world: World;
let userToken: string;

beforeAll(async () => {
  world = await startWorld({
    env: {
      DownstreamApis__WithPath__BaseUrl: "http://127.0.0.1:1",
      DownstreamApis__WithPath__Scopes: "User.Read",
      Sidecar__MaxResponseBodySize: "4096",
      Kestrel__Limits__MaxRequestBodySize: "2048",
    },
  });
  userToken = await world.emulator.mint("user");
});
afterAll(() => world.close());

const call = (query: string, options = {}) => world.get(`/DownstreamApi/Echo${query}`, userToken, options);
const json = { "content-type": "application/json" };

describe("/DownstreamApi", () => {
  it("answers status, headers as lists and the body as text", async () => {
    const answer = await world.get("/DownstreamApi/Graph?optionsOverride.RelativePath=me", userToken);
    expect(answer.status).toBe(200);
    const result = answer.json();
    expect(result).toMatchObject({ statusCode: 200, headers: { "Content-Type": [expect.stringMatching(/json/)] } });
    expect(JSON.parse(String(result.content))).toMatchObject({ displayName: "Adele Vance" });
    expect(answer.headers["cache-control"]).toBe("no-cache, no-store, must-revalidate");
  });

  it.each(["GET", "POST"])("calls the configured method when a client sends %s and names none", async (method) => {
    expect(echoed(await call("", { method }))).toMatchObject({ method: "GET", url: "/" });
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("calls %s with its body when HttpMethod names it", async (method) => {
    const answer = await call(`?optionsOverride.HttpMethod=${method}&optionsOverride.RelativePath=a%3Fb=c`, {
      method,
      headers: { ...json, "content-length": 7 },
      body: '{"a":1}',
    });
    expect(echoed(answer)).toMatchObject({
      method,
      url: "/a?b=c",
      body: '{"a":1}',
      headers: { "content-type": "application/json", authorization: expect.stringMatching(/^Bearer eyJ/) },
    });
  });

  it("calls what HttpMethod names, however the client sends it", async () => {
    const answer = await call("?optionsOverride.HttpMethod=patch", { method: "POST", headers: json, body: "{}" });
    expect(echoed(answer)).toMatchObject({ method: "PATCH", body: "{}" });
  });

  it.each(["PUT", "PATCH", "DELETE"])("calls %s when a client sends it and names none", async (method) => {
    expect(echoed(await call("", { method }))).toMatchObject({ method });
  });

  it("sends Accept, content type, extra headers and extra query", async () => {
    const query = [
      "optionsOverride.HttpMethod=POST",
      "optionsOverride.AcceptHeader=text/csv",
      "optionsOverride.ContentType=text/plain",
      "optionsOverride.ExtraHeaderParameters.X-Trace=1",
      "CustomHeader.X-Old=2",
      "optionsOverride.ExtraQueryParameters.top=5",
      "optionsOverride.ExtraHeaderParameters.Authorization=Bearer%20mine",
    ].join("&");
    const { headers, url } = echoed(await call(`?${query}`, { method: "POST", body: "hello" }));
    expect(headers).toMatchObject({ accept: "text/csv", "content-type": "text/plain", "x-trace": "1", "x-old": "2" });
    expect(headers.authorization).toMatch(/^Bearer eyJ/);
    expect(url).toBe("/?top=5");
  });

  it("ignores BaseUrl", async () => {
    expect(echoed(await call("?optionsOverride.BaseUrl=http%3A%2F%2F127.0.0.1%3A1"))).toMatchObject({ method: "GET" });
  });

  it.each([
    ["an absolute URL", "http%3A%2F%2Felsewhere.example"],
    ["another host", "%2F%2Felsewhere.example"],
    ["dot segments", "a%2F..%2F..%2Fb"],
  ])("refuses a RelativePath with %s", async (_name, path) => {
    const answer = await call(`?optionsOverride.RelativePath=${path}`);
    expect(answer.json()).toMatchObject({ status: 400, code: "downstream_url_refused" });
  });

  it.each([
    ["Host", "x"],
    ["Content-Length", "1"],
    ["X%20Y", "1"],
    ["X-Split", "a%0d%0ab"],
  ])("refuses the extra header %s", async (name, value) => {
    const answer = await call(`?optionsOverride.ExtraHeaderParameters.${name}=${value}`);
    expect(answer.json()).toMatchObject({ status: 400, code: "parameter_invalid" });
  });

  it("answers 200 to a downstream error, whose statusCode says it", async () => {
    const answer = await call("?optionsOverride.RelativePath=missing");
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ statusCode: 404, content: '{"error":"gone"}' });
  });

  it("answers null for an empty body", async () => {
    const answer = await call("?optionsOverride.RelativePath=empty");
    expect(answer.json()).toEqual({ statusCode: 204, headers: expect.any(Object), content: null });
  });

  it("answers bytes that are no text in base64, and flags it", async () => {
    const answer = await call("?optionsOverride.RelativePath=binary");
    expect(answer.headers["x-content-encoding"]).toBe("base64");
    expect(Buffer.from(String(answer.json().content), "base64")).toEqual(binaryBytes);
  });

  it.each([
    ["latin", "été"],
    ["gzip", '{"zipped":true}'],
  ])("answers %s text as text, without the flag", async (path, content) => {
    const answer = await call(`?optionsOverride.RelativePath=${path}`);
    expect(answer.json().content).toBe(content);
    expect(answer.headers).not.toHaveProperty("x-content-encoding");
    expect(answer.json().headers).not.toHaveProperty("Content-Encoding");
  });

  it("answers every value of a header that came more than once", async () => {
    const answer = await call("?optionsOverride.RelativePath=cookies");
    expect(answer.json().headers).toMatchObject({ "Set-Cookie": ["a=1", "b=2"], "X-One": ["1"] });
  });

  it("returns a redirect rather than follow it", async () => {
    const before = world.downstream.count;
    const answer = await call("?optionsOverride.RelativePath=moved");
    expect(answer.json()).toMatchObject({ statusCode: 302, headers: { Location: [expect.stringMatching(/\/echo$/)] } });
    expect(world.downstream.count).toBe(before + 1);
  });

  it("answers 502 to a body that is too large, and says what to do", async () => {
    const answer = await call("?optionsOverride.RelativePath=large");
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({ code: "downstream_body_too_large" });
    expect(answer.json().detail).toMatch(/more than 4096 bytes.*Sidecar__MaxResponseBodySize/);
  });

  it("answers 413 to a request body that is too large", async () => {
    const body = "x".repeat(3_000);
    const answer = await call("?optionsOverride.HttpMethod=POST", { method: "POST", body });
    expect(answer.json()).toMatchObject({ status: 413, code: "body_too_large" });
    expect(answer.status).toBe(413);
  });

  it("answers 400 to a body that claims to be JSON and is not", async () => {
    const answer = await call("?optionsOverride.HttpMethod=POST", { method: "POST", headers: json, body: "{" });
    expect(answer.json()).toMatchObject({ status: 400, code: "body_not_json" });
  });

  it("answers 400 to a body for a method that takes none", async () => {
    const answer = await call("", { method: "POST", headers: json, body: "{}" });
    expect(answer.json()).toMatchObject({ status: 400, code: "body_not_allowed" });
    expect(answer.json().detail).toMatch(/optionsOverride\.HttpMethod/);
  });

  it("answers 502 to a downstream API that is not there", async () => {
    const answer = await world.get("/DownstreamApi/WithPath", userToken);
    expect(answer.json()).toMatchObject({ status: 502, code: "downstream_unreachable" });
  });

  it("answers 401 without a token", async () => {
    expect((await world.get("/DownstreamApi/Echo")).status).toBe(401);
  });
});

describe("/DownstreamApiUnauthenticated", () => {
  it("calls as the application, and ignores overrides and the request's method behind its closed gate", async () => {
    const path = "/DownstreamApiUnauthenticated/Echo?optionsOverride.RelativePath=elsewhere";
    expect(echoed(await world.get(path, undefined, { method: "DELETE" }))).toMatchObject({ method: "GET", url: "/" });
  });
});

describe("Sidecar__AllowOutboundRedirects", () => {
  it("follows a redirect within the downstream API", async () => {
    const following = await startWorld({ env: { Sidecar__AllowOutboundRedirects: "true" } });
    const path = "/DownstreamApi/Echo?optionsOverride.RelativePath=moved";
    const answer = await following.get(path, await following.emulator.mint("user"));
    expect(echoed(answer)).toMatchObject({ method: "GET", url: "/echo" });
    await following.close();
  });
});

describe("configured paths and methods", () => {
  it("are used, and replaced by an override for its request alone", async () => {
    const configured = await startWorld({
      env: { DownstreamApis__Echo__RelativePath: "v1/items", DownstreamApis__Echo__HttpMethod: "Post" },
    });
    const token = await configured.emulator.mint("user");
    const send = (query: string) => configured.get(`/DownstreamApi/Echo${query}`, token);
    expect(echoed(await send(""))).toMatchObject({ method: "POST", url: "/v1/items" });
    const overridden = await send("?optionsOverride.RelativePath=v2&optionsOverride.HttpMethod=GET");
    expect(echoed(overridden)).toMatchObject({ method: "GET", url: "/v2" });
    expect(echoed(await send(""))).toMatchObject({ method: "POST", url: "/v1/items" });
    await configured.close();
  });
});
