import { describe, expect, it } from "vitest";
import type { AgentAuth } from "../agent-auth.js";
import type { RequestAuth } from "../service-auth.js";
import type { Caller } from "../token/caller.js";
import { admission, combinePolicies, mergePolicies, type RoutePolicy, servesAnonymous } from "./route-policy.js";

const user = { kind: "user", scopes: ["Tasks.Read"], roles: ["Reader"] } as unknown as Caller;
const app = { kind: "app", roles: ["Reader"] } as unknown as Caller;
const agent = { kind: "agent", roles: [], blueprint: "b1", agentIdentity: "a1" } as unknown as Caller;

/** Lets a caller in by both ways that an instance has: at once for a token that is known, else by a promise. */
async function admit(policy: RoutePolicy | false, caller: Caller | undefined): Promise<RequestAuth | undefined> {
  const auth = { caller, claims: {} } as unknown as RequestAuth;
  const headers = caller === undefined ? {} : { authorization: "Bearer x" };
  const atOnce = () => {
    if (caller === undefined) throw new Error("refused");
    return auth;
  };
  const [known, fresh] = await Promise.allSettled([
    (async () => admission({ admit: atOnce } as unknown as AgentAuth, policy)(headers))(),
    (async () => admission({ admit: async () => atOnce() } as unknown as AgentAuth, policy)(headers))(),
  ]);
  expect(known).toEqual(fresh);
  if (fresh.status === "rejected") throw fresh.reason;
  return fresh.value;
}

describe("admission", () => {
  it("looks at nothing on a public route", async () => {
    await expect(admit(false, undefined)).resolves.toBeUndefined();
    await expect(admit(false, user)).resolves.toBeUndefined();
  });

  it("wants a caller by default", async () => {
    await expect(admit({}, user)).resolves.toMatchObject({ caller: user });
    await expect(admit({}, undefined)).rejects.toThrow("refused");
    await expect(admit({ optional: false }, undefined)).rejects.toThrow("refused");
  });

  it("lets anonymous callers in on an optional route, and holds the others to the rest of the policy", async () => {
    await expect(admit({ optional: true, scopes: ["Tasks.Write"] }, undefined)).resolves.toBeUndefined();
    await expect(admit({ optional: true, scopes: ["Tasks.Write"] }, user)).rejects.toMatchObject({
      code: "insufficient_scope",
    });
    await expect(admit({ optional: true, scopes: ["Tasks.Read"] }, user)).resolves.toMatchObject({ caller: user });
  });

  it.each<[RoutePolicy, Caller, string]>([
    [{ scopes: [{ allOf: ["Tasks.Read", "Tasks.Write"] }] }, user, "insufficient_scope"],
    [{ scopes: ["Tasks.Read"] }, app, "delegated_required"],
    [{ roles: ["Writer"] }, app, "insufficient_role"],
    [{ agent: true }, user, "agent_required"],
    [{ agent: { agentIdentity: "a2" } }, agent, "agent_required"],
    [{ agent: false }, agent, "agent_denied"],
    [{ delegated: true }, app, "delegated_required"],
    [{ delegated: false }, user, "app_only_required"],
    [{ scopes: ["Tasks.Read"], roles: ["Writer"] }, user, "insufficient_role"],
    [{ scopesOrRoles: { scopes: ["Tasks.Write"], roles: ["Reader"] } }, user, "insufficient_scope"],
    [{ claims: { department: "Retail" } }, user, "claim_required"],
    [{ authContext: "c1" }, user, "auth_context_unsupported"],
  ])("%o refuses %o with %s", async (policy, caller, code) => {
    await expect(admit(policy, caller)).rejects.toMatchObject({ code });
  });

  it.each<[RoutePolicy, Caller]>([
    [{ scopes: ["Tasks.Read", "Tasks.Write"], roles: ["Reader"], agent: false, delegated: true }, user],
    [{ roles: ["Reader"], delegated: false }, app],
    [{ agent: true }, agent],
    [{ agent: { blueprint: "B1" } }, agent],
  ])("%o lets pass %o", async (policy, caller) => {
    await expect(admit(policy, caller)).resolves.toMatchObject({ caller });
  });

  it("refuses a policy that names no scope when it is made, not when it is used", () => {
    const instance = {} as AgentAuth;
    expect(() => admission(instance, { scopes: [] as unknown as [string] })).toThrow(
      expect.objectContaining({ code: "options_invalid" }),
    );
  });

  it("refuses a key that it does not know, for the route would be open otherwise", () => {
    const misspelt = { scope: ["Tasks.Read"] } as unknown as RoutePolicy;
    const refused = expect.objectContaining({ code: "options_invalid", message: expect.stringContaining('"scope"') });
    expect(() => admission({} as AgentAuth, misspelt)).toThrow(refused);
    expect(() => combinePolicies(undefined, misspelt)).toThrow(refused);
  });

  it("runs further guards in order", async () => {
    const order: number[] = [];
    await admit({ guards: [() => order.push(1), () => order.push(2)] }, user);
    expect(order).toEqual([1, 2, 1, 2]); // by both ways
  });
});

describe("mergePolicies", () => {
  it("lets the route replace what the group says about the same thing, and keep the rest", () => {
    expect(mergePolicies({ scopes: ["A"], agent: false }, { scopes: ["B"], roles: ["C"] })).toMatchObject({
      scopes: ["B"],
      roles: ["C"],
      agent: false,
    });
    expect(mergePolicies({ optional: true }, { optional: false })).toMatchObject({ optional: false });
  });

  it("adds claims and further guards", () => {
    const [one, two] = [() => {}, () => {}];
    expect(mergePolicies({ claims: { a: 1, b: 1 }, guards: [one] }, { claims: { b: 2 }, guards: [two] })).toEqual({
      claims: { a: 1, b: 2 },
      guards: [one, two],
    });
  });

  it("opens a public route of a protected group, and protects a route of a public group that asks for anything", () => {
    expect(mergePolicies({ scopes: ["A"] }, false)).toBe(false);
    expect(mergePolicies(false, { scopes: ["A"] })).toEqual({ scopes: ["A"] });
    expect(mergePolicies(false, undefined)).toBe(false);
    expect(mergePolicies({ scopes: ["A"] }, undefined)).toEqual({ scopes: ["A"] });
    expect(mergePolicies(undefined, undefined)).toBeUndefined();
  });
});

describe("combinePolicies", () => {
  it("joins what two say about different things", () => {
    expect(combinePolicies(undefined, { agent: true })).toEqual({ agent: true });
    expect(combinePolicies({ claims: { a: 1 } }, { claims: { b: 2 } })).toMatchObject({ claims: { a: 1, b: 2 } });
    expect(combinePolicies({ scopes: ["A"] }, { agent: true })).toMatchObject({ scopes: ["A"], agent: true });
  });

  it.each<[RoutePolicy | false, RoutePolicy | false]>([
    [{ scopes: ["A"] }, { scopes: ["B"] }],
    [{ agent: true }, { agent: false }],
    [false, { scopes: ["A"] }],
    [{ scopes: ["A"] }, false],
  ])("refuses %o with %o", (one, other) => {
    expect(() => combinePolicies(one, other)).toThrow(expect.objectContaining({ code: "options_invalid" }));
  });
});

it("servesAnonymous tells public and optional routes", () => {
  expect([false as const, { optional: true }, {}, { optional: false }, undefined].map(servesAnonymous)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
