import { describe, expect, test } from "vitest";
import type { Caller } from "../token/caller.js";
import type { Claims } from "../token/claims.js";
import {
  denyAgents,
  type Guard,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "./guards.js";

const tenantId = "7e4a0000-0000-4000-8000-00000000000a";
const facets = { actor: [], subject: [], tenant: [] };
const agent = {
  agentIdentity: "a9e00000-0000-4000-8000-00000000000c",
  blueprint: "b1000000-0000-4000-8000-00000000000b",
};
const delegated = {
  tenantId,
  facets,
  userId: "u",
  username: undefined,
  scopes: ["Tasks.Read", "Tasks.Write"],
  roles: ["Reader"],
};
const callers = {
  user: { kind: "user", clientId: "c", ...delegated },
  app: { kind: "app", tenantId, facets, clientId: "c", servicePrincipalId: undefined, roles: ["Tasks.Process.All"] },
  agent: { kind: "agent", tenantId, facets, ...agent, roles: ["Tasks.Process.All"] },
  "agent-user": { kind: "agent-user", ...agent, ...delegated },
  "agent-on-behalf-of-user": { kind: "agent-on-behalf-of-user", ...agent, ...delegated },
} as const satisfies Record<Caller["kind"], Caller>;
const kinds = Object.keys(callers) as Caller["kind"][];

/** The callers that a guard lets pass, and the codes with which it refuses the others. */
function verdicts(guard: Guard): Record<string, string> {
  return Object.fromEntries(
    kinds.map((kind) => {
      try {
        guard({ caller: callers[kind], claims: {} as Claims });
        return [kind, "pass"];
      } catch (error) {
        return [kind, (error as { code: string }).code];
      }
    }),
  );
}

const everyone = (verdict: string) => Object.fromEntries(kinds.map((kind) => [kind, verdict]));
const delegatedKinds = (verdict: string, others: string) => ({
  user: verdict,
  app: others,
  agent: others,
  "agent-user": verdict,
  "agent-on-behalf-of-user": verdict,
});
const agentKinds = (verdict: string, others: string) => ({
  user: others,
  app: others,
  agent: verdict,
  "agent-user": verdict,
  "agent-on-behalf-of-user": verdict,
});

describe("guards", () => {
  test.each([
    ["requireScopes, one of two", requireScopes("Admin", "Tasks.Read"), delegatedKinds("pass", "delegated_required")],
    [
      "requireScopes, held by nobody",
      requireScopes("Admin"),
      delegatedKinds("insufficient_scope", "delegated_required"),
    ],
    [
      "requireScopes, part of a name",
      requireScopes("Tasks"),
      delegatedKinds("insufficient_scope", "delegated_required"),
    ],
    [
      "requireScopes, another case",
      requireScopes("tasks.read"),
      delegatedKinds("insufficient_scope", "delegated_required"),
    ],
    [
      "requireScopes, all of",
      requireScopes({ allOf: ["Tasks.Read", "Tasks.Write"] }),
      delegatedKinds("pass", "delegated_required"),
    ],
    [
      "requireScopes, all of with one missing",
      requireScopes({ allOf: ["Tasks.Read", "Admin"] }),
      delegatedKinds("insufficient_scope", "delegated_required"),
    ],
    ["requireRoles of applications", requireRoles("Tasks.Process.All"), delegatedKinds("insufficient_role", "pass")],
    ["requireRoles of users", requireRoles("Reader"), delegatedKinds("pass", "insufficient_role")],
    ["requireRoles of either", requireRoles("Reader", "Tasks.Process.All"), everyone("pass")],
    ["requireRoles, all of", requireRoles({ allOf: ["Reader", "Tasks.Process.All"] }), everyone("insufficient_role")],
    [
      "requireScopesOrRoles",
      requireScopesOrRoles({ scopes: ["Tasks.Read"], roles: ["Tasks.Process.All"] }),
      everyone("pass"),
    ],
    [
      "requireScopesOrRoles, a user's role does not stand for a scope",
      requireScopesOrRoles({ scopes: ["Admin"], roles: ["Reader"] }),
      delegatedKinds("insufficient_scope", "insufficient_role"),
    ],
    ["requireAgent", requireAgent(), agentKinds("pass", "agent_required")],
    [
      "requireAgent of the blueprint, in capitals",
      requireAgent({ blueprint: agent.blueprint.toUpperCase() }),
      agentKinds("pass", "agent_required"),
    ],
    ["requireAgent of another blueprint", requireAgent({ blueprint: tenantId }), everyone("agent_required")],
    [
      "requireAgent of the identity",
      requireAgent({ agentIdentity: agent.agentIdentity }),
      agentKinds("pass", "agent_required"),
    ],
    ["requireAgent of another identity", requireAgent({ agentIdentity: tenantId }), everyone("agent_required")],
    ["denyAgents", denyAgents(), agentKinds("agent_denied", "pass")],
    ["requireDelegated", requireDelegated(), delegatedKinds("pass", "delegated_required")],
    ["requireAppOnly", requireAppOnly(), delegatedKinds("app_only_required", "pass")],
  ] as [string, Guard, Record<string, string>][])("%s", (_name, guard, expected) => {
    expect(verdicts(guard)).toEqual(expected);
  });

  test("refusals are 403 with insufficient_scope, and name the scopes wanted", () => {
    const attempt = () => requireScopes("Admin", "Root")({ caller: callers.user, claims: {} as Claims });
    expect(attempt).toThrow(
      expect.objectContaining({
        status: 403,
        headers: {
          "WWW-Authenticate": expect.stringMatching(/^Bearer error="insufficient_scope", .*scope="Admin Root"$/),
        },
      }),
    );
  });

  test.each([
    ["a value", "acct", "1", { acct: "1" }, true],
    ["another value", "acct", "1", { acct: "0" }, false],
    ["a value of another type", "acct", 1, { acct: "1" }, false],
    ["a member of a list", "groups", "g2", { groups: ["g1", "g2"] }, true],
    ["no member of a list", "groups", "g3", { groups: ["g1", "g2"] }, false],
    ["part of a string", "groups", "g", { groups: "g1 g2" }, false],
    ["an absent claim", "acct", "1", {}, false],
    ["an absent claim and a predicate that likes everything", "acct", () => true, {}, false],
    ["a predicate that holds", "auth_time", (value: unknown) => Number(value) > 5, { auth_time: 6 }, true],
    ["a predicate that does not", "auth_time", (value: unknown) => Number(value) > 5, { auth_time: 5 }, false],
    ["a predicate that answers something truthy", "a", (() => "yes") as never, { a: 1 }, false],
    ["a name from Object.prototype", "constructor", () => true, {}, false],
  ] as const)("requireClaim: %s", (_name, claim, expected, claims, passes) => {
    const attempt = () => requireClaim(claim, expected)({ caller: callers.user, claims: claims as unknown as Claims });
    if (passes) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(expect.objectContaining({ code: "claim_required", status: 403 }));
  });

  test("requireAuthContext answers a claims challenge to a client that can handle it", () => {
    const guard = requireAuthContext("c1");
    const attempt = (claims: object) => () => guard({ caller: callers.user, claims: claims as Claims });
    expect(attempt({ acrs: ["c1", "c2"] })).not.toThrow();
    expect(attempt({ acrs: "c2 c1" })).not.toThrow();
    expect(attempt({ acrs: ["c11"], xms_cc: ["cp1"] })).toThrow(
      expect.objectContaining({ code: "auth_context_required", status: 401 }),
    );
    expect(attempt({})).toThrow(expect.objectContaining({ code: "auth_context_unsupported", status: 403 }));
    try {
      attempt({ xms_cc: ["cp1"] })();
    } catch (error) {
      const challenge = (error as { headers: Record<string, string> }).headers["WWW-Authenticate"] ?? "";
      expect(challenge).toMatch(/^Bearer error="insufficient_claims", /);
      const claims = /claims="([^"]+)"/.exec(challenge)?.[1] ?? "";
      expect(JSON.parse(Buffer.from(claims, "base64").toString())).toEqual({
        access_token: { acrs: { essential: true, value: "c1" } },
      });
    }
  });

  test.each([
    ["requireScopes()", () => requireScopes(...([] as unknown as ["x"]))],
    ["requireScopes({ allOf: [] })", () => requireScopes({ allOf: [] })],
    ["requireRoles()", () => requireRoles(...([] as unknown as ["x"]))],
    ["requireScopesOrRoles without roles", () => requireScopesOrRoles({ scopes: ["a"], roles: [] })],
    ["requireAuthContext of another form", () => requireAuthContext('c1"')],
  ])("%s is a mistake, told at creation", (_name, create) => {
    expect(create).toThrow(expect.objectContaining({ code: "options_invalid" }));
  });

  test("on a route that is not protected, a guard says so rather than let anybody pass", () => {
    for (const guard of [
      requireScopes("a"),
      requireRoles("a"),
      requireAgent(),
      denyAgents(),
      requireDelegated(),
      requireAppOnly(),
      requireClaim("a", "b"),
      requireAuthContext("c1"),
    ]) {
      expect(() => guard(undefined)).toThrow(expect.objectContaining({ code: "not_authenticated", status: 500 }));
    }
  });
});
