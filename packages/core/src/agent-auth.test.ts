import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AgentAuth, type AgentAuthOptions, createAgentAuth, loadOptions } from "./index.js";

let emulator: Emulator;
let agentAuth: AgentAuth;
let agent: string;
let otherAgent: string;
let agentUser: Emulator["agentUsers"][number];

beforeAll(async () => {
  emulator = await startEmulator();
  [agent = "", otherAgent = ""] = emulator.agentIdentities.map(({ clientId }) => clientId);
  agentUser = emulator.agentUsers[0] ?? { id: "", username: "", agentIdentity: "" };
});

afterAll(() => emulator.close());

beforeEach(() => {
  agentAuth = create();
  emulator.clearRequests();
});

afterEach(() => agentAuth.close());

function create(overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
  const quiet = { warn: () => {}, error: () => {} };
  const directory = import.meta.dirname;
  return createAgentAuth({ ...loadOptions({ env: emulator.env, directory }), logger: quiet, ...overrides });
}

async function requestAs(...args: Parameters<Emulator["mint"]>) {
  return agentAuth.authenticate({ authorization: `Bearer ${await emulator.mint(...args)}` });
}

/** What reached the token endpoint, one line a request. */
function tokenRequests() {
  return emulator.requests.map(({ grant, clientId, params, outcome }) => ({
    grant,
    clientId,
    scope: params.scope,
    ...(params.fmi_path !== undefined && { fmiPath: params.fmi_path }),
    ...(params.username !== undefined && { username: params.username }),
    ...(params.user_id !== undefined && { userId: params.user_id }),
    status: outcome.status,
  }));
}

/** The claims of the token with which the Graph was called last. */
function graphClaims() {
  return emulator.resourceRequests.at(-1)?.claims;
}

const exchangeScope = expect.stringContaining("api://AzureADTokenExchange/.default");
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const agentFacet = expect.stringMatching(/(^| )11( |$)/);

function t1(fmiPath = agent) {
  const clientId = emulator.blueprint.clientId;
  return { grant: "client_credentials", clientId, scope: exchangeScope, fmiPath, status: 200 };
}

describe("the flows on the wire", () => {
  test("app-only: one request, as the blueprint", async () => {
    const users = await agentAuth.forApp().callDownstream("Graph", "/users").json<{ value: unknown[] }>();
    expect(users.value.length).toBeGreaterThan(0);
    expect(tokenRequests()).toEqual([
      {
        grant: "client_credentials",
        clientId: emulator.blueprint.clientId,
        scope: expect.stringContaining("https://graph.microsoft.com/.default"),
        status: 200,
      },
    ]);
    expect(graphClaims()).toMatchObject({
      idtyp: "app",
      aud: "https://graph.microsoft.com",
      appid: emulator.blueprint.clientId,
    });
    expect(graphClaims()).not.toHaveProperty("xms_par_app_azp");
  });

  test("on-behalf-of: one request, for the caller", async () => {
    const [adele] = emulator.users;
    const auth = await requestAs("user");
    expect(await auth.callDownstream("Graph", "/me").json()).toMatchObject({ id: adele?.id });
    expect(tokenRequests()).toEqual([
      {
        grant: jwtBearer,
        clientId: emulator.blueprint.clientId,
        scope: expect.stringContaining("User.Read"),
        status: 200,
      },
    ]);
    expect(graphClaims()).toMatchObject({ idtyp: "user", oid: adele?.id, appid: emulator.blueprint.clientId });
    expect(graphClaims()).not.toHaveProperty("xms_par_app_azp");
  });

  test("autonomous agent: exchange, then client credentials as the agent", async () => {
    await agentAuth.forApp().asAgent(agent).callDownstream("Graph", "/users").json();
    expect(tokenRequests()).toEqual([
      t1(),
      { grant: "client_credentials", clientId: agent, scope: expect.stringContaining("/.default"), status: 200 },
    ]);
    expect(graphClaims()).toMatchObject({
      idtyp: "app",
      oid: agent,
      appid: agent,
      xms_act_fct: agentFacet,
      xms_sub_fct: agentFacet,
      xms_par_app_azp: emulator.blueprint.clientId,
      aud: "https://graph.microsoft.com",
    });
  });

  test("agent on behalf of a user: two requests cold, one for the agent's second user", async () => {
    const [adele, ben] = emulator.users;
    if (adele === undefined || ben === undefined) throw new Error("two users are needed");
    const first = await requestAs("user", { user: adele.id });
    const second = await requestAs("user", { user: ben.id });
    emulator.clearRequests();

    expect(await first.asAgent(agent).callDownstream("Graph", "/me").json()).toMatchObject({ id: adele.id });
    const onBehalfOf = { grant: jwtBearer, clientId: agent, scope: expect.stringContaining("User.Read"), status: 200 };
    expect(tokenRequests()).toEqual([t1(), onBehalfOf]);
    expect(graphClaims()).toMatchObject({
      idtyp: "user",
      oid: adele.id,
      appid: agent,
      xms_act_fct: agentFacet,
      xms_par_app_azp: emulator.blueprint.clientId,
    });
    expect(String(graphClaims()?.xms_sub_fct ?? "")).not.toMatch(/(^| )1[13]( |$)/);

    expect(await second.asAgent(agent).callDownstream("Graph", "/me").json()).toMatchObject({ id: ben.id });
    expect(tokenRequests()).toHaveLength(3);
    expect(tokenRequests()[2]).toEqual(onBehalfOf);

    await second.asAgent(agent).callDownstream("Graph", "/me").json();
    expect(tokenRequests()).toHaveLength(3);
  });

  test.each(["username", "userId"] as const)("agent user by %s: three requests cold, none after", async (by) => {
    const user = by === "username" ? { username: agentUser.username } : { userId: agentUser.id };
    const mailbox = agentAuth.forApp().asAgentUser(agent, user);
    expect(await mailbox.callDownstream("Graph", "/me").json()).toMatchObject({ id: agentUser.id });
    expect(tokenRequests()).toEqual([
      t1(),
      { grant: "client_credentials", clientId: agent, scope: exchangeScope, status: 200 },
      {
        grant: "user_fic",
        clientId: agent,
        scope: expect.stringContaining("User.Read"),
        ...(by === "username" ? { username: agentUser.username } : { userId: agentUser.id }),
        status: 200,
      },
    ]);
    expect(graphClaims()).toMatchObject({
      idtyp: "user",
      oid: agentUser.id,
      appid: agent,
      xms_act_fct: agentFacet,
      xms_sub_fct: expect.stringMatching(/(^| )13( |$)/),
      xms_par_app_azp: emulator.blueprint.clientId,
    });
    await mailbox.callDownstream("Graph", "/me/messages").json();
    expect(tokenRequests()).toHaveLength(3);
  });

  test("fifty cold calls for one agent user make three requests", async () => {
    const mailbox = agentAuth.forApp().asAgentUser(agent, { userId: agentUser.id });
    const headers = await Promise.all(Array.from({ length: 50 }, () => mailbox.headerFor("Graph")));
    expect(new Set(headers).size).toBe(1);
    expect(tokenRequests()).toHaveLength(3);
    await mailbox.headerFor("Graph");
    expect(tokenRequests()).toHaveLength(3);
  });

  test("forceRefresh asks again for the last leg alone", async () => {
    const mailbox = agentAuth.forApp().asAgentUser(agent, { userId: agentUser.id });
    const first = await mailbox.headerFor("Graph");
    const second = await mailbox.headerFor("Graph", { forceRefresh: true });
    expect(second).not.toBe(first);
    expect(await mailbox.headerFor("Graph")).toBe(second);
    expect(tokenRequests().map(({ grant }) => grant)).toEqual([
      "client_credentials",
      "client_credentials",
      "user_fic",
      "user_fic",
    ]);
  });
});

describe("what a call may say about the way to its token", () => {
  test("fmiPath: the app's own token for a federated managed identity", async () => {
    const options = { fmiPath: agent, scopes: ["api://AzureADTokenExchange/.default"] };
    const { accessToken } = await agentAuth.forApp().tokenFor("Graph", options);
    expect(tokenRequests()).toEqual([t1()]);
    expect(decodeJwt(accessToken)).toMatchObject({
      idtyp: "app",
      sub: expect.stringMatching(new RegExp(`/${agent}$`)),
    });
  });

  test("tenantId: the tenant whose token endpoint is asked, in every leg", async () => {
    await agentAuth.forApp().asAgent(agent).headerFor("Graph", { tenantId: "contoso.example" });
    expect(emulator.requests.map(({ path }) => path.split("?")[0])).toEqual([
      "/contoso.example/oauth2/v2.0/token",
      "/contoso.example/oauth2/v2.0/token",
    ]);
    await agentAuth.forApp().asAgent(agent).headerFor("Graph");
    expect(emulator.requests).toHaveLength(4);
  });
});

describe("which identity acts", () => {
  test("the configured agent identity, without the handler naming it", async () => {
    agentAuth = create({ agentIdentity: agent });
    await (await requestAs("user")).headerFor("Graph");
    expect(tokenRequests().map(({ clientId }) => clientId)).toEqual([emulator.blueprint.clientId, agent]);
  });

  test("the one that the resolver chooses, told caller, tenant and service", async () => {
    const contexts: unknown[] = [];
    agentAuth = create({
      agentIdentity: async (context) => {
        contexts.push(context);
        return otherAgent;
      },
    });
    const auth = await requestAs("user");
    await auth.headerFor("Graph");
    expect(contexts).toEqual([{ caller: auth.caller, tenantId: emulator.tenantId, service: "Graph" }]);
    expect(tokenRequests().map(({ clientId }) => clientId)).toEqual([emulator.blueprint.clientId, otherAgent]);
  });

  test("asApp() with an agent identity is the autonomous agent, whoever called", async () => {
    agentAuth = create({ agentIdentity: agent });
    await (await requestAs("user")).asApp().callDownstream("Graph", "/users").json();
    expect(graphClaims()).toMatchObject({ idtyp: "app", oid: agent });
  });
});

describe("explain", () => {
  test("tells the legs and what is cached, and no secret", async () => {
    const mailbox = agentAuth.forApp().asAgentUser(agent, { userId: agentUser.id });
    const cold = await mailbox.explain("Graph");
    expect(cold).toMatchObject({
      flow: "agent-user",
      legs: [
        { kind: "exchange", credential: "ClientSecret", cached: false },
        { kind: "instance", credential: "token of leg 1", cached: false },
        { kind: "agent-user", cached: false },
      ],
    });
    expect(emulator.requests).toHaveLength(0);
    await mailbox.headerFor("Graph");
    const warm = await mailbox.explain("Graph");
    expect(warm.legs.every(({ cached }) => cached)).toBe(true);
    expect(`${warm}`).toContain(agent);
    expect(JSON.stringify(warm) + String(warm)).not.toContain(emulator.blueprint.clientSecret);
  });
});

describe("what is refused before the network is used", () => {
  test.each([
    [
      "an unknown service",
      (a: AgentAuth) => a.forApp().headerFor("Grpah"),
      "service_unknown",
      500,
      /Configured: Graph/,
    ],
    [
      "a service without scopes",
      (a: AgentAuth) => a.forApp().headerFor("NoScopes"),
      "service_scopes_missing",
      500,
      /downstreamApis\.NoScopes\.appScopes/,
    ],
    [
      "a service without a base URL",
      (a: AgentAuth) => a.forApp().callDownstream("NoBaseUrl", "/x").json(),
      "service_base_url_missing",
      500,
      /downstreamApis\.NoBaseUrl\.baseUrl/,
    ],
    [
      "a path that leaves the service",
      (a: AgentAuth) => a.forApp().callDownstream("Graph", "/../x").json(),
      "downstream_url_refused",
      400,
      /dot segment/,
    ],
    [
      "a username together with a user id",
      (a: AgentAuth) =>
        a
          .forApp()
          .asAgentUser(agent, { username: "a", userId: "b" } as never)
          .headerFor("Graph"),
      "agent_user_ambiguous",
      400,
      /mutually exclusive/,
    ],
    [
      "a user id that is no GUID",
      (a: AgentAuth) => a.forApp().asAgentUser(agent, { userId: "adele" }).headerFor("Graph"),
      "agent_user_id_invalid",
      400,
      /GUID/,
    ],
    [
      "an agent user without an agent identity",
      (a: AgentAuth) =>
        a
          .forApp()
          .asAgentUser(undefined as never, { username: "a" })
          .headerFor("Graph"),
      "agent_user_without_agent_identity",
      400,
      /agent identity/,
    ],
    [
      "an agent identity that is no GUID",
      (a: AgentAuth) => a.forApp().asAgent("assistant").headerFor("Graph"),
      "agent_identity_invalid",
      400,
      /GUID/,
    ],
  ] as [string, (a: AgentAuth) => Promise<unknown>, string, number, RegExp][])(
    "%s",
    async (_name, call, code, status, message) => {
      const { downstreamApis } = loadOptions({ env: emulator.env, directory: import.meta.dirname });
      agentAuth = create({
        downstreamApis: {
          ...downstreamApis,
          NoScopes: { baseUrl: emulator.url },
          NoBaseUrl: { scopes: ["User.Read"] },
        },
      });
      await expect(call(agentAuth)).rejects.toMatchObject({ code, status, message: expect.stringMatching(message) });
      expect(emulator.requests).toHaveLength(0);
      expect(emulator.resourceRequests).toHaveLength(0);
    },
  );

  test("an app-only caller without an agent to act as", async () => {
    const auth = await requestAs("app");
    await expect(auth.headerFor("Graph")).rejects.toMatchObject({
      code: "app_only_caller",
      status: 403,
      message: expect.stringContaining("asApp()"),
    });
    expect(emulator.requests).toHaveLength(0);
  });
});

describe("what Entra refuses", () => {
  test("a wrong secret: what it means and what to do, without the secret", async () => {
    agentAuth = create({ clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "wr0ng" }] });
    const error = await agentAuth
      .forApp()
      .headerFor("Graph")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "EntraError",
      code: "credential_refused",
      status: 502,
      aadsts: 7000215,
      retryable: false,
      leg: { kind: "client-credentials" },
      correlationId: expect.any(String),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain("wr0ng");
  });

  test("an assertion that is meant for another audience", async () => {
    agentAuth = create({ audiences: ["api://somebody-else"] });
    const auth = await requestAs("user", { audience: "api://somebody-else" });
    await expect(auth.headerFor("Graph")).rejects.toMatchObject({
      code: "assertion_refused",
      status: 401,
      aadsts: 50013,
    });
  });

  test("a failure is not remembered", async () => {
    agentAuth = create({ clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "wr0ng" }] });
    await expect(agentAuth.forApp().headerFor("Graph")).rejects.toThrow();
    await expect(agentAuth.forApp().headerFor("Graph")).rejects.toThrow();
    expect(emulator.requests).toHaveLength(2);
  });

  test("Entra out of reach is a 503 with Retry-After", async () => {
    agentAuth = create({ instance: "http://127.0.0.1:9/" });
    const error = await agentAuth
      .forApp()
      .headerFor("Graph")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "entra_unavailable",
      status: 503,
      retryable: true,
      headers: { "Retry-After": "1" },
    });
  });
});

describe("downstream answers", () => {
  test("an error status resolves, and its readers throw a DownstreamError", async () => {
    const auth = await requestAs("app");
    const call = auth.asApp().callDownstream("Graph", "/me");
    const response = await call;
    expect(response.ok).toBe(false);
    await expect(auth.asApp().callDownstream("Graph", "/me").json()).rejects.toMatchObject({
      name: "DownstreamError",
      code: "downstream_failed",
      status: 502,
      downstreamStatus: response.status,
      downstreamBody: expect.stringContaining("/me"),
    });
  });

  test("fetchFor() adds the token and keeps to the base URL", async () => {
    const graph = agentAuth.forApp().fetchFor("Graph");
    const baseUrl = `${emulator.url}/graph/v1.0`;
    expect((await graph(`${baseUrl}/users`)).status).toBe(200);
    emulator.clearRequests();
    for (const url of [`${emulator.url}/graph/beta/users`, `${baseUrl}.evil.example/`, "https://evil.example/"]) {
      await expect(graph(url)).rejects.toMatchObject({ code: "downstream_url_refused" });
    }
    expect(emulator.resourceRequests).toHaveLength(0);
  });
});
