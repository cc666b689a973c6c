import { createAgentAuth, type RequestAuth } from "@agent-auth/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "../test/world.js";

const agent = "a9e00000-0000-4000-8000-000000000001";
const agentUser = "a9e50000-0000-4000-8000-000000000001";

let world: World;
let userToken: string;
let asked: string[];
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  world = await startWorld({
    env: { Sidecar__AllowOverrides__GetAuthorizationHeaderUnauthenticated: "true" },
    sidecar: { logLevel: "silent" },
  });
  userToken = await world.emulator.mint("user");
});
afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
});
afterAll(() => world.close());

/** An app behind the sidecar; `asked` are the paths that it asks of it. */
function behind(sidecarUrl = world.url, options = {}) {
  asked = [];
  const auth = createAgentAuth({
    sidecarUrl,
    logger: { warn: () => {}, error: () => {} },
    fetch: (url, init) => {
      const { origin, pathname } = new URL(String(url));
      asked.push(origin === sidecarUrl ? pathname : origin);
      return fetch(url, init);
    },
    ...options,
  });
  opened.push(auth);
  return auth;
}

function claimsOf(header: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(header.split(".")[1] ?? "", "base64url").toString("utf8"));
}

const request = async (auth = behind(), token = userToken): Promise<RequestAuth> =>
  auth.authenticate({ authorization: `Bearer ${token}` });

describe("createAgentAuth({ sidecarUrl })", () => {
  it("validates by /Validate, and knows the token until it expires", async () => {
    const auth = behind();
    expect((await request(auth)).caller).toMatchObject({ kind: "user" });
    expect((await request(auth)).claims.oid).toBe(
      (await request(auth)).caller.kind === "user" ? claimsOf(userToken).oid : "",
    );
    expect(asked).toEqual(["/Validate"]);
  });

  it("gets headers for each way to act, each of them once", async () => {
    const auth = behind();
    const user = await request(auth);
    const acting = {
      user: user.headerFor("Graph"),
      agentOnBehalfOfUser: user.asAgent(agent).headerFor("Graph"),
      app: auth.forApp().headerFor("Graph"),
      agent: auth.forApp().asAgent(agent).headerFor("Graph"),
      agentUser: auth.forApp().asAgentUser(agent, { userId: agentUser }).headerFor("Graph"),
    };
    const headers = await Promise.all(Object.values(acting));
    expect(headers.map((header) => claimsOf(header)).map(({ appid, oid, idtyp }) => ({ appid, oid, idtyp }))).toEqual([
      { appid: world.emulator.blueprint.clientId, oid: user.claims.oid, idtyp: "user" },
      { appid: agent, oid: user.claims.oid, idtyp: "user" },
      { appid: world.emulator.blueprint.clientId, oid: expect.any(String), idtyp: "app" },
      { appid: agent, oid: agent, idtyp: "app" },
      { appid: agent, oid: agentUser, idtyp: "user" },
    ]);
    const before = asked.length;
    expect(await user.headerFor("Graph")).toBe(headers[0]);
    expect(await auth.forApp().headerFor("Graph")).toBe(headers[2]);
    expect(asked).toHaveLength(before);
  });

  it("asks once for 50 calls at once", async () => {
    const user = await request();
    await Promise.all(Array.from({ length: 50 }, () => user.headerFor("Graph")));
    expect(asked.filter((path) => path.startsWith("/AuthorizationHeader"))).toHaveLength(1);
  });

  it("asks past its cache with forceRefresh", async () => {
    const user = await request();
    await user.headerFor("Graph");
    await user.headerFor("Graph", { forceRefresh: true });
    expect(asked.filter((path) => path.startsWith("/AuthorizationHeader"))).toHaveLength(2);
  });

  it("calls a downstream API directly, with the sidecar's header", async () => {
    const auth = behind(world.url, { downstreamApis: { Graph: { baseUrl: `${world.emulator.url}/graph/v1.0` } } });
    const profile = await (await request(auth)).callDownstream("Graph", "/me").json();
    expect(profile).toMatchObject({ displayName: "Adele Vance" });
    expect(asked).toEqual(["/Validate", "/AuthorizationHeader/Graph", world.emulator.url]);
  });

  it("never takes the application's header for an agent's when a gate is closed", async () => {
    const closed = await startWorld({ sidecar: { logLevel: "silent" } });
    const auth = behind(closed.url);
    await expect(auth.forApp().asAgent(agent).headerFor("Graph")).rejects.toMatchObject({
      code: "options_invalid",
      message: expect.stringMatching(/GetAuthorizationHeaderUnauthenticated/),
    });
    await closed.close();
  });

  it("throws what the sidecar threw", async () => {
    const user = await request();
    await expect(user.headerFor("Nowhere")).rejects.toMatchObject({ code: "service_unknown" });
    await expect(user.headerFor("Graph", { scopes: ["Application.Read.All"] })).rejects.toMatchObject({
      code: "consent_required",
      status: 403,
      extensions: { errorCode: "AADSTS65001" },
    });
    await expect(request(behind(), await world.emulator.mint("user", { expiresIn: -3600 }))).rejects.toMatchObject({
      code: "token_expired",
      status: 401,
    });
  });

  it("says 503 when the sidecar is not there", async () => {
    const auth = behind("http://127.0.0.1:1");
    await expect(request(auth)).rejects.toMatchObject({ code: "entra_unavailable", status: 503 });
    await expect(auth.warmUp()).rejects.toMatchObject({ code: "entra_unavailable" });
    await expect(behind().warmUp()).resolves.toBeUndefined();
  });

  it.each(["localhost:5000", "http://sidecar.example:5000", "http://user:pass@localhost", ""])(
    "refuses the URL %j",
    (sidecarUrl) => {
      expect(() => createAgentAuth({ sidecarUrl })).toThrow(/sidecarUrl must be the URL of the sidecar/);
    },
  );

  it("refuses what no sidecar can be asked", async () => {
    const auth = behind();
    await expect(auth.forApp().headerFor("Graph", { managedIdentity: true })).rejects.toMatchObject({
      code: "options_invalid",
      message: expect.stringMatching(/system-assigned/),
    });
  });
});
