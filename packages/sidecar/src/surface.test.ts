import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { claimsOf, startWorld, type World } from "../test/world.js";

const agent = "a9e00000-0000-4000-8000-000000000001";
const otherAgent = "a9e00000-0000-4000-8000-000000000002";
const agentUser = { id: "a9e50000-0000-4000-8000-000000000001", username: "assistant1@contoso.example" };
const blueprint = "b1000000-0000-4000-8000-000000000001";
const user = "05e40000-0000-4000-8000-000000000001";

let world: World;
let userToken: string;
let appToken: string;

beforeAll(async () => {
  world = await startWorld();
  userToken = await world.emulator.mint("user");
  appToken = await world.emulator.mint("app");
});
afterAll(() => world.close());

describe("/Validate", () => {
  it("answers protocol, token and claims of a valid token", async () => {
    const answer = await world.get("/Validate", userToken);
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      protocol: "Bearer",
      token: userToken,
      claims: expect.objectContaining({ oid: user, aud: blueprint, scp: "access_as_user" }),
    });
  });

  it.each([
    ["no token", undefined, "authorization_missing"],
    ["a token of another audience", { audience: "api://other" }, "token_audience_refused"],
    ["an expired token", { expiresIn: -3600 }, "token_expired"],
  ] as const)("refuses %s with a 401 problem and a challenge", async (_name, mint, code) => {
    const token = mint === undefined ? undefined : await world.emulator.mint("user", mint);
    const answer = await world.get("/Validate", token);
    expect(answer.status).toBe(401);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(answer.json()).toMatchObject({ status: 401, title: expect.any(String), detail: expect.any(String), code });
  });

  it("tells a client that left out Bearer to put it there", async () => {
    const answer = await world.get("/Validate", undefined, { headers: { authorization: userToken } });
    expect(answer.status).toBe(401);
    expect(answer.json().detail).toMatch(/Put "Bearer " before it/);
  });

  it("answers paths in any case, as ASP.NET does", async () => {
    expect((await world.get("/validate", userToken)).status).toBe(200);
    expect((await world.get("/authorizationheader/Graph", userToken)).status).toBe(200);
  });
});

describe("/Validate with AzureAd__Scopes", () => {
  let scoped: World;
  beforeAll(async () => {
    scoped = await startWorld({ env: { AzureAd__Scopes: "Tasks.Write access_as_user" } });
  });
  afterAll(() => scoped.close());

  it("takes a token with any one of the scopes", async () => {
    expect((await scoped.get("/Validate", await scoped.emulator.mint("user"))).status).toBe(200);
  });

  it("refuses a token without any of them with 403", async () => {
    const token = await scoped.emulator.mint("user", { scopes: ["Tasks.Read"] });
    const answer = await scoped.get("/Validate", token);
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ status: 403, code: "insufficient_scope" });
  });
});

describe("/AuthorizationHeader", () => {
  it("acts on behalf of the caller when nothing is given", async () => {
    const claims = claimsOf(await world.get("/AuthorizationHeader/Graph", userToken));
    expect(claims).toMatchObject({ oid: user, appid: blueprint, idtyp: "user" });
    expect(String(claims.scp)).toContain("Mail.Read");
  });

  it("acts as the application with RequestAppToken=true", async () => {
    const claims = claimsOf(
      await world.get("/AuthorizationHeader/Graph?optionsOverride.RequestAppToken=true", userToken),
    );
    expect(claims).toMatchObject({ idtyp: "app", appid: blueprint });
  });

  it("acts as the agent on behalf of the user with AgentIdentity and a user's token", async () => {
    const claims = claimsOf(await world.get(`/AuthorizationHeader/Graph?AgentIdentity=${agent}`, userToken));
    expect(claims).toMatchObject({ oid: user, appid: agent, idtyp: "user" });
  });

  it("acts as the autonomous agent with AgentIdentity and an app's token", async () => {
    const claims = claimsOf(await world.get(`/AuthorizationHeader/Graph?AgentIdentity=${agent}`, appToken));
    expect(claims).toMatchObject({ oid: agent, appid: agent, idtyp: "app" });
  });

  it("acts as the autonomous agent with AgentIdentity and RequestAppToken=true, whoever calls", async () => {
    const path = `/AuthorizationHeader/Graph?AgentIdentity=${agent}&optionsOverride.RequestAppToken=true`;
    expect(claimsOf(await world.get(path, userToken))).toMatchObject({ oid: agent, idtyp: "app" });
  });

  it.each([
    ["AgentUsername", agentUser.username],
    ["AgentUserId", agentUser.id],
  ])("acts as the agent user that %s names", async (name, value) => {
    const path = `/AuthorizationHeader/Graph?AgentIdentity=${agent}&${name}=${value}`;
    expect(claimsOf(await world.get(path, appToken))).toMatchObject({ oid: agentUser.id, appid: agent, idtyp: "user" });
  });

  it("reads parameter names in any case", async () => {
    const path = `/AuthorizationHeader/Graph?agentidentity=${agent}&AGENTUSERID=${agentUser.id}`;
    expect(claimsOf(await world.get(path, appToken))).toMatchObject({ oid: agentUser.id });
  });

  it.each([
    ["AgentUsername without AgentIdentity", "AgentUsername=a@contoso.example", /AgentUsername requires AgentIdentity/],
    ["AgentUserId without AgentIdentity", `AgentUserId=${agentUser.id}`, /AgentUserId requires AgentIdentity/],
    [
      "both AgentUsername and AgentUserId",
      `AgentIdentity=${agent}&AgentUsername=${agentUser.username}&AgentUserId=${agentUser.id}`,
      /mutually exclusive/,
    ],
    ["an AgentUserId that is no GUID", `AgentIdentity=${agent}&AgentUserId=assistant`, /a GUID/],
    ["an AgentIdentity that is no GUID", "AgentIdentity=assistant", /a GUID/],
    ["an AgentIdentity that came twice", `AgentIdentity=${agent}&AgentIdentity=${otherAgent}`, /more than once/],
    ["a flag that is neither true nor false", "optionsOverride.RequestAppToken=yes", /must be true or false/],
    ["a tenant that leaves its place in the URL", "optionsOverride.AcquireTokenOptions.Tenant=..%2Fx", /tenant's GUID/],
    ["claims that are no JSON object", "optionsOverride.AcquireTokenOptions.Claims=[]", /JSON object/],
    ["a correlation id that is no GUID", "optionsOverride.AcquireTokenOptions.CorrelationId=1", /GUID/],
  ])("answers 400 to %s", async (_name, query, detail) => {
    const answer = await world.get(`/AuthorizationHeader/Graph?${query}`, userToken);
    expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringMatching(detail) });
    expect(answer.status).toBe(400);
  });

  it("answers 400 to an unknown service, and says which there are", async () => {
    const answer = await world.get("/AuthorizationHeader/Nowhere", userToken);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ status: 400, code: "service_unknown" });
    expect(answer.json().detail).toMatch(/"Nowhere".*Configured: Graph/);
  });

  it("answers 400 when there are no scopes anywhere, and takes those of the request", async () => {
    expect((await world.get("/AuthorizationHeader/Scopeless", userToken)).status).toBe(400);
    const answer = await world.get(
      "/AuthorizationHeader/Scopeless?optionsOverride.Scopes=User.Read&optionsOverride.Scopes=Mail.Read",
      userToken,
    );
    expect(String(claimsOf(answer).scp).split(" ").sort()).toEqual(expect.arrayContaining(["Mail.Read", "User.Read"]));
  });

  it("answers 401 with errorCode and correlationId when Entra refuses the exchange", async () => {
    const answer = await world.get("/AuthorizationHeader/Graph?optionsOverride.Scopes=Application.Read.All", userToken);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(answer.json()).toMatchObject({
      status: 401,
      errorCode: "AADSTS65001",
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("answers 401 to an app's token when a user is needed", async () => {
    expect((await world.get("/AuthorizationHeader/Graph", appToken)).status).toBe(401);
  });

  it("asks Entra past the cache with ForceRefresh, and sends the CorrelationId", async () => {
    const path = "/AuthorizationHeader/Graph";
    const correlationId = "12345678-0000-4000-8000-000000000000";
    await world.get(path, userToken);
    world.emulator.clearRequests();
    await world.get(path, userToken);
    expect(world.emulator.requests).toHaveLength(0);
    const options = "optionsOverride.AcquireTokenOptions";
    await world.get(`${path}?${options}.ForceRefresh=true&${options}.CorrelationId=${correlationId}`, userToken);
    expect(world.emulator.requests).toHaveLength(1);
    expect(JSON.stringify(world.emulator.requests[0])).toContain(correlationId);
  });

  it("passes on what selects another identity of the application", async () => {
    const options = "optionsOverride.AcquireTokenOptions";
    const app = "/AuthorizationHeader/Graph?optionsOverride.RequestAppToken=true";
    world.emulator.clearRequests();
    await world.get(`${app}&${options}.FmiPath=agents/one`, userToken);
    expect(world.emulator.requests.map(({ params }) => params.fmi_path)).toContain("agents/one");
    vi.stubEnv("IDENTITY_ENDPOINT", `${world.emulator.url}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "emulator-identity-header");
    const managedIdentity = "3a000000-0000-4000-8000-000000000001";
    const answer = await world.get(
      `${app}&${options}.ManagedIdentity.UserAssignedClientId=${managedIdentity}`,
      userToken,
    );
    expect(claimsOf(answer)).toMatchObject({ appid: managedIdentity, idtyp: "app" });
    vi.unstubAllEnvs();
  });

  it("begins a long-running session with a user's token, and goes on with it without", async () => {
    const path = "/AuthorizationHeader/Graph?optionsOverride.AcquireTokenOptions.LongRunningWebApiSessionKey=";
    expect((await world.get(`${path}unknown-session`, appToken)).json()).toMatchObject({ code: "session_ended" });
    expect(claimsOf(await world.get(`${path}session-1`, userToken))).toMatchObject({ oid: user, idtyp: "user" });
    expect(claimsOf(await world.get(`${path}session-1`, appToken))).toMatchObject({ oid: user, idtyp: "user" });
    const ben = await world.emulator.mint("user", { user: "ben@contoso.example" });
    expect((await world.get(`${path}session-1`, ben)).json()).toMatchObject({ code: "session_of_another_user" });
  });

  it("asks Entra for the claims of the request", async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    const query = new URLSearchParams({ "optionsOverride.AcquireTokenOptions.Claims": claims });
    world.emulator.clearRequests();
    await world.get(`/AuthorizationHeader/Graph?${query}`, userToken);
    expect(world.emulator.requests.map(({ params }) => params.claims)).toContainEqual(expect.stringContaining('"c1"'));
  });

  it("asks in the tenant of the request, for that request alone", async () => {
    const options = "optionsOverride.AcquireTokenOptions.Tenant";
    world.emulator.clearRequests();
    const refused = await world.get(`/AuthorizationHeader/Graph?${options}=nowhere.example`, userToken);
    expect(refused.status).toBe(401);
    expect(refused.json().errorCode).toBe("AADSTS90002");
    expect((await world.get("/AuthorizationHeader/Graph", userToken)).status).toBe(200);
  });

  it("refuses what it cannot honour rather than ignore it", async () => {
    const answer = await world.get(
      "/AuthorizationHeader/Graph?optionsOverride.AcquireTokenOptions.PopPublicKey=x",
      userToken,
    );
    expect(answer.json()).toMatchObject({ status: 400, code: "parameter_unsupported" });
  });

  it("forbids caches to keep a successful answer", async () => {
    const { headers } = await world.get("/AuthorizationHeader/Graph", userToken);
    expect(headers).toMatchObject({
      "cache-control": "no-cache, no-store, must-revalidate",
      expires: "0",
      pragma: "no-cache",
    });
  });
});

describe("/AuthorizationHeaderUnauthenticated", () => {
  it("acts as the application, without a token", async () => {
    const claims = claimsOf(await world.get("/AuthorizationHeaderUnauthenticated/Graph"));
    expect(claims).toMatchObject({ idtyp: "app", appid: blueprint });
  });

  it("ignores overrides and agents behind its closed gate, and logs a warning that names them", async () => {
    const path = `/AuthorizationHeaderUnauthenticated/Graph?AgentIdentity=${agent}&optionsOverride.Scopes=api://x/y`;
    expect(claimsOf(await world.get(path))).toMatchObject({ appid: blueprint, idtyp: "app" });
    const warning = world.log.map((line) => JSON.parse(line)).find(({ ignored }) => ignored !== undefined);
    expect(warning).toMatchObject({ level: 40, ignored: ["AgentIdentity", "optionsOverride.Scopes"] });
    expect(JSON.stringify(warning)).not.toContain(agent);
  });

  it("acts as the agent or its user where the gate is open", async () => {
    const open = await startWorld({
      env: { Sidecar__AllowOverrides__GetAuthorizationHeaderUnauthenticated: "true" },
    });
    const path = `/AuthorizationHeaderUnauthenticated/Graph?AgentIdentity=${agent}`;
    expect(claimsOf(await open.get(path))).toMatchObject({ oid: agent, idtyp: "app" });
    const asUser = await open.get(`${path}&AgentUserId=${agentUser.id}`);
    expect(claimsOf(asUser)).toMatchObject({ oid: agentUser.id, appid: agent });
    await open.close();
  });
});

describe("a closed gate on /AuthorizationHeader", () => {
  it("ignores overrides and agents there", async () => {
    const closed = await startWorld({ env: { Sidecar__AllowOverrides__GetAuthorizationHeader: "false" } });
    const path = `/AuthorizationHeader/Graph?AgentIdentity=${agent}&AgentUserId=x&optionsOverride.RequestAppToken=true`;
    const claims = claimsOf(await closed.get(path, await closed.emulator.mint("user")));
    expect(claims).toMatchObject({ oid: user, appid: blueprint, idtyp: "user" });
    await closed.close();
  });
});
