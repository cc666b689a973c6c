import { describe, expect, test } from "vitest";
import { callerOf } from "./caller.js";
import type { Claims } from "./claims.js";

const tid = "7e4a0000-0000-4000-8000-00000000000a";
const base = { aud: "b", iss: "i", exp: 1, tid, oid: "the-oid" };
const userClaims = { ...base, azp: "client", idtyp: "user", scp: "access_as_user Tasks.Read" };
const appClaims = { ...base, azp: "client", idtyp: "app", roles: ["Tasks.Process.All"] };

function caller(claims: Record<string, unknown>) {
  return callerOf(claims as unknown as Claims);
}

describe("callerOf", () => {
  test("a human through an ordinary app", () => {
    expect(caller({ ...userClaims, preferred_username: "adele@contoso.example", xms_tnt_fct: "3 99" })).toEqual({
      kind: "user",
      tenantId: tid,
      userId: "the-oid",
      username: "adele@contoso.example",
      clientId: "client",
      scopes: ["access_as_user", "Tasks.Read"],
      roles: [],
      facets: { actor: [], subject: [], tenant: [3, 99] },
    });
  });

  test("an ordinary app", () => {
    expect(caller(appClaims)).toEqual({
      kind: "app",
      tenantId: tid,
      clientId: "client",
      servicePrincipalId: "the-oid",
      roles: ["Tasks.Process.All"],
      facets: { actor: [], subject: [], tenant: [] },
    });
  });

  test("an agent on behalf of a human", () => {
    expect(caller({ ...userClaims, xms_act_fct: "9 11 3", xms_par_app_azp: "blueprint" })).toMatchObject({
      kind: "agent-on-behalf-of-user",
      userId: "the-oid",
      agentIdentity: "client",
      blueprint: "blueprint",
      facets: { actor: [9, 11, 3] },
    });
  });

  test("an autonomous agent", () => {
    const claims = { ...appClaims, xms_act_fct: "11", xms_sub_fct: "11 1", xms_par_app_azp: "blueprint" };
    expect(caller(claims)).toMatchObject({ kind: "agent", agentIdentity: "client", blueprint: "blueprint" });
  });

  test("an agent user", () => {
    const claims = { ...userClaims, xms_act_fct: "11", xms_sub_fct: "13", xms_par_app_azp: "blueprint" };
    expect(caller(claims)).toMatchObject({ kind: "agent-user", userId: "the-oid", agentIdentity: "client" });
  });

  test.each([
    [
      "v1.0 tokens name the client appid",
      { ...userClaims, azp: undefined, appid: "v1-client" },
      { kind: "user", clientId: "v1-client" },
    ],
    ["without idtyp, scopes mean a user", { ...userClaims, idtyp: undefined }, { kind: "user" }],
    ["without idtyp, no scopes mean an app", { ...appClaims, idtyp: undefined }, { kind: "app" }],
    ["scp of / means an app", { ...appClaims, idtyp: undefined, scp: "/" }, { kind: "app" }],
    ["an empty scp means an app", { ...appClaims, scp: "" }, { kind: "app" }],
    [
      "a parent blueprint alone makes an agent",
      { ...userClaims, xms_par_app_azp: "b" },
      { kind: "agent-on-behalf-of-user" },
    ],
    ["facet 111 is not 11", { ...userClaims, xms_act_fct: "111 1" }, { kind: "user", facets: { actor: [111, 1] } }],
    ["unknown facets are kept", { ...appClaims, xms_act_fct: "9  2" }, { kind: "app", facets: { actor: [9, 2] } }],
  ] as [string, Record<string, unknown>, object][])("%s", (_name, claims, expected) => {
    expect(caller(claims)).toMatchObject(expected);
  });

  test.each([
    ["idtyp app with scopes", { ...appClaims, scp: "access_as_user" }, "token_claim_invalid"],
    ["an idtyp nobody knows", { ...appClaims, idtyp: "device" }, "token_claim_invalid"],
    ["an agent user without an acting agent", { ...userClaims, xms_sub_fct: "13" }, "token_claim_invalid"],
    ["an app that is an agent user", { ...appClaims, xms_act_fct: "11", xms_sub_fct: "13" }, "token_claim_invalid"],
    ["an app whose subject alone is an agent", { ...appClaims, xms_sub_fct: "11" }, "token_claim_invalid"],
    [
      "a user whose subject is an agent identity",
      { ...userClaims, xms_act_fct: "11", xms_sub_fct: "11" },
      "token_claim_invalid",
    ],
    ["facets with commas", { ...userClaims, xms_act_fct: "9,11" }, "token_claim_invalid"],
    ["facets with letters", { ...userClaims, xms_act_fct: "11x" }, "token_claim_invalid"],
    ["facets with leading zeros", { ...userClaims, xms_act_fct: "011" }, "token_claim_invalid"],
    ["facets as a list", { ...userClaims, xms_act_fct: ["11"] }, "token_claim_invalid"],
    ["facets with a line break", { ...userClaims, xms_act_fct: "9\n11" }, "token_claim_invalid"],
    ["roles that are no list", { ...appClaims, roles: "Tasks.Process.All" }, "token_claim_invalid"],
    ["scopes that are a list", { ...userClaims, scp: ["access_as_user"] }, "token_claim_invalid"],
    ["a user without oid", { ...userClaims, oid: undefined }, "token_claim_missing"],
    ["no client", { ...userClaims, azp: undefined }, "token_claim_missing"],
  ] as [string, Record<string, unknown>, string][])("refuses %s", (_name, claims, code) => {
    expect(() => caller(claims)).toThrow(expect.objectContaining({ code, status: 401 }));
  });
});
