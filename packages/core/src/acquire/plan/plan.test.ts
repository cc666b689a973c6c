import { describe, expect, test } from "vitest";
import { AgentAuthError } from "../../errors/agent-auth-error.js";
import type { Caller } from "../../token/caller.js";
import { type PlanInput, plan } from "./plan.js";
import { defaultScopeOf } from "./scopes.js";

const tenantId = "7e4a0000-0000-4000-8000-00000000000a";
const blueprint = "b1000000-0000-4000-8000-00000000000b";
const agent = "a9e00000-0000-4000-8000-00000000000c";
const userId = "05e40000-0000-4000-8000-00000000000d";
const exchangeScopes = ["api://AzureADTokenExchange/.default"];
const graphDefault = ["https://graph.microsoft.com/.default"];

const noFacets = { actor: [], subject: [], tenant: [] };
const delegated = { tenantId, userId, username: undefined, scopes: ["access_as_user"], roles: [], facets: noFacets };
const user: Caller = { kind: "user", clientId: "c", ...delegated };
const agentUser: Caller = { kind: "agent-user", agentIdentity: agent, blueprint, ...delegated };
const agentForUser: Caller = { kind: "agent-on-behalf-of-user", agentIdentity: agent, blueprint, ...delegated };
const app: Caller = {
  kind: "app",
  tenantId,
  clientId: "c",
  servicePrincipalId: undefined,
  roles: [],
  facets: noFacets,
};
const autonomous: Caller = { kind: "agent", tenantId, agentIdentity: agent, blueprint, roles: [], facets: noFacets };

function input(overrides: Partial<PlanInput> = {}): PlanInput {
  return {
    service: "Graph",
    api: { scopes: ["User.Read"] },
    clientId: blueprint,
    tenantId,
    caller: undefined,
    agentIdentity: undefined,
    agentUsername: undefined,
    agentUserId: undefined,
    requestAppToken: false,
    scopes: undefined,
    fmiPath: undefined,
    managedIdentity: undefined,
    session: undefined,
    ...overrides,
  };
}

const exchange = {
  kind: "exchange",
  tenantId,
  clientId: blueprint,
  scopes: exchangeScopes,
  credential: "configured",
  fmiPath: agent,
};
const appOnlyLeg = {
  kind: "client-credentials",
  tenantId,
  clientId: blueprint,
  scopes: graphDefault,
  credential: "configured",
};
const autonomousLeg = { kind: "client-credentials", tenantId, clientId: agent, scopes: graphDefault, credential: 0 };
const plainOnBehalfOf = {
  kind: "on-behalf-of",
  tenantId,
  clientId: blueprint,
  scopes: ["User.Read"],
  credential: "configured",
};
const agentOnBehalfOf = { kind: "on-behalf-of", tenantId, clientId: agent, scopes: ["User.Read"], credential: 0 };
const instance = { kind: "instance", tenantId, clientId: agent, scopes: exchangeScopes, credential: 0 };
const agentUserLeg = {
  kind: "agent-user",
  tenantId,
  clientId: agent,
  scopes: ["User.Read"],
  credential: 0,
  userCredential: 1,
};

describe("plan", () => {
  test.each([
    ["nobody, no agent → app-only", {}, "app-only", [appOnlyLeg]],
    ["a user with requestAppToken → app-only", { caller: user, requestAppToken: true }, "app-only", [appOnlyLeg]],
    ["an app with requestAppToken → app-only", { caller: app, requestAppToken: true }, "app-only", [appOnlyLeg]],
    ["a user → on-behalf-of", { caller: user }, "on-behalf-of", [plainOnBehalfOf]],
    ["an agent user → on-behalf-of", { caller: agentUser }, "on-behalf-of", [plainOnBehalfOf]],
    ["an agent for a user → on-behalf-of", { caller: agentForUser }, "on-behalf-of", [plainOnBehalfOf]],
    ["nobody and an agent → autonomous", { agentIdentity: agent }, "autonomous-agent", [exchange, autonomousLeg]],
    [
      "an app and an agent → autonomous",
      { caller: app, agentIdentity: agent },
      "autonomous-agent",
      [exchange, autonomousLeg],
    ],
    [
      "an agent and an agent → autonomous",
      { caller: autonomous, agentIdentity: agent },
      "autonomous-agent",
      [exchange, autonomousLeg],
    ],
    [
      "a user and an agent with requestAppToken → autonomous",
      { caller: user, agentIdentity: agent, requestAppToken: true },
      "autonomous-agent",
      [exchange, autonomousLeg],
    ],
    [
      "a user and an agent → agent on behalf of the user",
      { caller: user, agentIdentity: agent },
      "agent-on-behalf-of-user",
      [exchange, agentOnBehalfOf],
    ],
    [
      "an agent and a username → agent user",
      { agentIdentity: agent, agentUsername: "a@contoso.example" },
      "agent-user",
      [exchange, instance, { ...agentUserLeg, user: { username: "a@contoso.example" } }],
    ],
    [
      "a user, an agent and a user id → agent user",
      { caller: user, agentIdentity: agent, agentUserId: userId.toUpperCase() },
      "agent-user",
      [exchange, instance, { ...agentUserLeg, user: { userId } }],
    ],
    [
      "a managed identity → straight to the resource, whoever called",
      { caller: user, managedIdentity: "system-assigned" },
      "managed-identity",
      [{ ...appOnlyLeg, kind: "managed-identity", clientId: "system-assigned", credential: "none" }],
    ],
    ["a path → app-only with it", { fmiPath: "/a/b" }, "app-only", [{ ...appOnlyLeg, fmiPath: "/a/b" }]],
    [
      "a session and nobody → on behalf of its user",
      { session: "s1" },
      "on-behalf-of",
      [{ ...plainOnBehalfOf, kind: "long-running", session: "s1" }],
    ],
    [
      "a session and an agent → the agent on behalf of its user",
      { session: "s1", agentIdentity: agent.toUpperCase() },
      "agent-on-behalf-of-user",
      [exchange, { ...agentOnBehalfOf, kind: "long-running", session: "s1" }],
    ],
    [
      "a tenant → its legs",
      { tenantId: "fabrikam.example" },
      "app-only",
      [{ ...appOnlyLeg, tenantId: "fabrikam.example" }],
    ],
  ] as [string, Partial<PlanInput>, string, object[]][])("%s", (_name, overrides, flow, legs) => {
    expect(plan(input(overrides))).toEqual({ flow, legs });
  });

  test("asks for appScopes where the service names them", () => {
    const api = { scopes: ["User.Read"], appScopes: ["api://other/.default"] };
    expect(plan(input({ api })).legs[0]?.scopes).toEqual(["api://other/.default"]);
  });

  test("asks for the scopes of the call before those of the service", () => {
    expect(plan(input({ caller: user, scopes: ["Mail.Read"] })).legs[0]?.scopes).toEqual(["Mail.Read"]);
    const appOnly = plan(input({ scopes: ["api://tasks/Tasks.Read"], api: { appScopes: ["api://other/.default"] } }));
    expect(appOnly.legs[0]?.scopes).toEqual(["api://tasks/.default"]);
  });

  test.each([
    ["a user name without an agent", { agentUsername: "a@contoso.example" }, "agent_user_without_agent_identity", 400],
    ["a user id without an agent", { agentUserId: userId }, "agent_user_without_agent_identity", 400],
    [
      "a name together with an id",
      { agentIdentity: agent, agentUsername: "a", agentUserId: userId },
      "agent_user_ambiguous",
      400,
    ],
    [
      "a user id that is no GUID",
      { agentIdentity: agent, agentUserId: "a@contoso.example" },
      "agent_user_id_invalid",
      400,
    ],
    ["an agent identity that is no GUID", { agentIdentity: "assistant" }, "agent_identity_invalid", 400],
    ["an app-only caller without an agent", { caller: app }, "app_only_caller", 403],
    ["an autonomous agent without an agent to act as", { caller: autonomous }, "app_only_caller", 403],
    ["a path for an agent", { agentIdentity: agent, fmiPath: "/a" }, "fmi_path_refused", 500],
    ["a path for a user", { caller: user, fmiPath: "/a" }, "fmi_path_refused", 500],
    ["an app-only call in no one tenant", { tenantId: "organizations" }, "tenant_required", 500],
    ["an agent in no one tenant", { agentIdentity: agent, caller: user, tenantId: "common" }, "tenant_required", 500],
    [
      "scopes of two resources (AADSTS70011)",
      { caller: user, api: { scopes: ["User.Read", "api://x/Tasks.Read"] } },
      "service_scopes_invalid",
      500,
    ],
    [
      "/.default among others (AADSTS70011)",
      { caller: user, api: { scopes: ["User.Read", "https://graph.microsoft.com/.default"] } },
      "service_scopes_invalid",
      500,
    ],
    [
      "an application's scope without /.default (AADSTS1002012)",
      { api: { appScopes: ["User.Read"] } },
      "service_scopes_invalid",
      500,
    ],
    ["a service without scopes, for a user", { caller: user, api: {} }, "service_scopes_missing", 500],
    ["a service without scopes, for the app", { api: {} }, "service_scopes_missing", 500],
  ] as [string, Partial<PlanInput>, string, number][])("refuses %s", (_name, overrides, code, status) => {
    const attempt = () => plan(input(overrides));
    expect(attempt).toThrow(AgentAuthError);
    expect(attempt).toThrow(expect.objectContaining({ code, status }));
  });
});

describe("defaultScopeOf", () => {
  test.each([
    ["User.Read", "https://graph.microsoft.com/.default"],
    ["https://graph.microsoft.com/User.Read", "https://graph.microsoft.com/.default"],
    ["https://graph.microsoft.com/.default", "https://graph.microsoft.com/.default"],
    [
      "api://11111111-2222-3333-4444-555555555555/access_as_user",
      "api://11111111-2222-3333-4444-555555555555/.default",
    ],
    ["https://vault.azure.net//user_impersonation", "https://vault.azure.net//.default"],
  ])("%s → %s", (scope, expected) => {
    expect(defaultScopeOf(scope)).toBe(expected);
  });
});
