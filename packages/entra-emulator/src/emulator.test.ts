import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  EXCHANGE_SCOPE,
  firstAgent,
  forms,
  GRAPH_DEFAULT,
  OBO_GRANT,
  postToken,
  t1For,
  t2For,
} from "../test/token-client.js";
import { type Emulator, startEmulator } from "./emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.clearRequests());

const json = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>;
const graph = (path: string, token: string, init: RequestInit = {}) =>
  fetch(`${emulator.url}/graph/v1.0${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });

describe("discovery", () => {
  it("states issuers on its own host and keys that verify its tokens, in both versions", async () => {
    for (const [version, path, issuer] of [
      ["2.0", "v2.0/", `${emulator.url}/${emulator.tenantId}/v2.0`],
      ["1.0", "", `${emulator.url}/${emulator.tenantId}/`],
    ] as const) {
      const metadata = await json(`${emulator.url}/contoso.example/${path}.well-known/openid-configuration`);
      expect(metadata.issuer).toBe(issuer);
      const keys = createRemoteJWKSet(new URL(String(metadata.jwks_uri)));
      const token = await emulator.mint("user", { version });
      await jwtVerify(token, keys, { issuer, audience: emulator.blueprint.clientId, algorithms: ["RS256"] });
    }
  });

  it("answers the multi-tenant authority with the issuer's template and an issuer on each key", async () => {
    const metadata = await json(`${emulator.url}/common/v2.0/.well-known/openid-configuration`);
    expect(metadata.issuer).toBe(`${emulator.url}/{tenantid}/v2.0`);
    const { keys } = (await json(String(metadata.jwks_uri))) as { keys: { issuer: string }[] };
    expect(keys.map((key) => key.issuer)).toEqual([`${emulator.url}/{tenantid}/v2.0`]);
  });
});

describe("signing keys", () => {
  it("are new ones beyond loopback, where the well-known ones would let anybody sign", async () => {
    const reachable = await startEmulator({ host: "0.0.0.0" });
    const kids = async ({ url }: Emulator) => {
      const { keys } = (await json(`${url}/common/discovery/v2.0/keys`)) as { keys: { kid: string }[] };
      return keys.map(({ kid }) => kid);
    };
    const again = await startEmulator();
    expect(await kids(again)).toEqual(await kids(emulator));
    expect(await kids(reachable)).not.toEqual(await kids(emulator));
    await Promise.all([reachable.close(), again.close()]);
  });
});

describe("autonomous agent", () => {
  it("obtains T1 and with it an app-only token that carries the agent's facets and assigned roles", async () => {
    const { agent } = firstAgent(emulator);
    const t1 = await postToken(emulator, forms.t1(emulator, agent));
    expect(t1.claims).toMatchObject({
      aud: "fb60f99c-7a34-4190-8149-302f77469936",
      iss: `${emulator.url}/${emulator.tenantId}/v2.0`,
      azp: emulator.blueprint.clientId,
      idtyp: "app",
      xms_idrel: "7 26",
      xms_act_fct: "1 9",
      ver: "2.0",
    });
    const token = await postToken(emulator, forms.agent(agent, t1.accessToken));
    expect(token.claims).toMatchObject({
      aud: "https://graph.microsoft.com",
      idtyp: "app",
      appid: agent,
      oid: agent,
      sub: agent,
      roles: ["User.Read.All"],
      xms_par_app_azp: emulator.blueprint.clientId,
      ver: "1.0",
    });
    expect(String(token.claims.xms_act_fct).split(" ")).toContain("11");
    expect(String(token.claims.xms_sub_fct).split(" ")).toContain("11");
    expect(token.claims.scp).toBeUndefined();
    expect((await graph("/users", token.accessToken)).status).toBe(200);
  });
});

describe("agent user", () => {
  it("obtains T1, T2 and a delegated token as its own account", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    const t1 = await t1For(emulator, agent);
    const t2 = await postToken(emulator, forms.agent(agent, t1, EXCHANGE_SCOPE));
    expect(t2.claims).toMatchObject({
      azp: agent,
      sub: agent,
      oid: agent,
      xms_par_app_azp: emulator.blueprint.clientId,
    });
    for (const user of [{ username: agentUser.username }, { user_id: agentUser.id }]) {
      const token = await postToken(emulator, forms.userFic(agent, t1, t2.accessToken, user));
      expect(token.claims).toMatchObject({
        idtyp: "user",
        oid: agentUser.id,
        scp: "User.Read Mail.Read",
        appid: agent,
      });
      expect(String(token.claims.xms_act_fct).split(" ")).toContain("11");
      expect(String(token.claims.xms_sub_fct).split(" ")).toContain("13");
      const me = await graph("/me", token.accessToken);
      expect(await me.json()).toMatchObject({ id: agentUser.id, userPrincipalName: agentUser.username });
    }
  });
});

describe("agent on behalf of a user", () => {
  it("exchanges the blueprint's inbound token for one of the same user", async () => {
    const { agent } = firstAgent(emulator);
    const t1 = await t1For(emulator, agent);
    const inbound = await emulator.mint("user", { user: "ben@contoso.example" });
    const token = await postToken(emulator, forms.onBehalfOf(agent, t1, inbound, GRAPH_DEFAULT));
    expect(token.claims).toMatchObject({
      idtyp: "user",
      oid: emulator.users[1]?.id,
      appid: agent,
      scp: "User.Read Mail.Read Mail.Send User.ReadBasic.All",
    });
    expect(token.claims.xms_sub_fct).toBeUndefined();
    const messages = await graph("/me/messages?$top=2", token.accessToken);
    expect(((await messages.json()) as { value: unknown[] }).value).toHaveLength(2);
  });

  it("is refused with a token meant for another audience", async () => {
    const { agent } = firstAgent(emulator);
    const t1 = await t1For(emulator, agent);
    const inbound = await emulator.mint("user", { audience: "https://graph.microsoft.com" });
    const answer = await postToken(emulator, forms.onBehalfOf(agent, t1, inbound));
    expect([answer.status, answer.aadsts, answer.body.error]).toEqual([400, 50013, "invalid_grant"]);
    expect(answer.body.error_description).toMatch(
      /^AADSTS50013: .* Trace ID: \S+ Correlation ID: \S+ Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/,
    );
  });
});

describe("plain flows", () => {
  it("serves client credentials and on-behalf-of to the blueprint itself", async () => {
    const { clientId, clientSecret } = emulator.blueprint;
    const credential = { client_id: clientId, client_secret: clientSecret };
    const app = await postToken(emulator, { ...credential, grant_type: "client_credentials", scope: GRAPH_DEFAULT });
    expect(app.claims).toMatchObject({ idtyp: "app", appid: clientId, roles: ["User.Read.All"] });
    const assertion = await emulator.mint("user");
    const form = {
      ...credential,
      grant_type: OBO_GRANT,
      assertion,
      requested_token_use: "on_behalf_of",
      scope: "User.Read",
    };
    const user = await postToken(emulator, form);
    expect(user.claims).toMatchObject({ idtyp: "user", scp: "User.Read", oid: emulator.users[0]?.id });
    expect(user.claims.xms_act_fct).toBe("1 9");
  });
});

describe("minted tokens", () => {
  it("carry the claims of each kind of caller", async () => {
    const tokens = await Promise.all(
      (["user", "app", "agent", "agent-user", "agent-on-behalf-of-user"] as const).map(async (kind) => {
        const response = await fetch(`${emulator.url}/_emulator/tokens`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ kind, expiresIn: 120 }),
        });
        const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
        expect(expires_in).toBe(120);
        const { decodeJwt } = await import("jose");
        return decodeJwt(access_token);
      }),
    );
    const [user, app, agent, agentUser, onBehalfOf] = tokens;
    const facet = (claim: unknown, id: string) =>
      String(claim ?? "")
        .split(" ")
        .includes(id);
    expect(user).toMatchObject({ idtyp: "user", scp: "access_as_user", azp: emulator.clientApp.clientId });
    expect(app).toMatchObject({ idtyp: "app", roles: ["Tasks.Process.All"] });
    expect(agent).toMatchObject({ idtyp: "app", oid: emulator.agentIdentities[0]?.clientId });
    expect([user, app, agent, agentUser, onBehalfOf].map((claims) => facet(claims?.xms_act_fct, "11"))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(
      [agent, agentUser, onBehalfOf].map((claims) => [
        facet(claims?.xms_sub_fct, "11"),
        facet(claims?.xms_sub_fct, "13"),
      ]),
    ).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it("are refused with the name of what is wrong when asked for badly", async () => {
    const response = await fetch(`${emulator.url}/_emulator/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "robot" }),
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain("kind");
  });
});

describe("records", () => {
  it("list token requests with their outcome and without a secret", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    const t1 = await t1For(emulator, agent);
    const t2 = await t2For(emulator, agent, t1);
    await postToken(emulator, forms.userFic(agent, t1, t2, { user_id: agentUser.id }));
    await postToken(emulator, { ...forms.t1(emulator, agent), client_secret: "wrong" });
    const response = await fetch(`${emulator.url}/_emulator/requests`);
    const text = await response.text();
    const requests = JSON.parse(text) as typeof emulator.requests;
    expect(requests.map((r) => [r.grant, r.clientId, r.outcome.status, r.outcome.aadsts])).toEqual([
      ["client_credentials", emulator.blueprint.clientId, 200, undefined],
      ["client_credentials", agent, 200, undefined],
      ["user_fic", agent, 200, undefined],
      ["client_credentials", emulator.blueprint.clientId, 401, 7000215],
    ]);
    expect(requests[2]?.outcome.claims?.oid).toBe(agentUser.id);
    for (const hidden of [t1, t2, emulator.blueprint.clientSecret]) expect(text).not.toContain(hidden);
  });

  it("list what Graph was called with", async () => {
    const token = await emulator.mint("user", { audience: "https://graph.microsoft.com", scopes: ["User.Read"] });
    await graph("/me", token);
    expect(emulator.resourceRequests).toMatchObject([
      { method: "GET", path: "/graph/v1.0/me", status: 200, claims: { scp: "User.Read" } },
    ]);
  });
});

describe("Graph", () => {
  const graphToken = (kind: "user" | "app", options: object) =>
    emulator.mint(kind, { audience: "https://graph.microsoft.com", ...options });

  it("refuses /me to an app-only token", async () => {
    const response = await graph("/me", await graphToken("app", { roles: ["User.Read.All"] }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "BadRequest" } });
  });

  it("refuses a token without the permission, with another audience, or expired", async () => {
    const answers = await Promise.all([
      graph("/users", await graphToken("user", { scopes: ["User.Read"] })),
      graph("/me", await emulator.mint("user")),
      graph("/me", await graphToken("user", { scopes: ["User.Read"], expiresIn: -60 })),
      graph("/me", `${await graphToken("user", { scopes: ["User.Read"] })}x`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([403, 401, 401, 401]);
    expect(answers[1]?.headers.get("www-authenticate")).toContain("authorization_uri=");
  });

  it("delivers a sent message to the recipient's mailbox", async () => {
    const from = await graphToken("user", { scopes: ["Mail.Send"], user: "adele@contoso.example" });
    const to = await graphToken("user", { scopes: ["Mail.Read"], user: "ben@contoso.example" });
    const message = {
      subject: "Delivered",
      body: { contentType: "Text", content: "Hello Ben" },
      toRecipients: [{ emailAddress: { address: "ben@contoso.example" } }],
    };
    const sent = await graph("/me/sendMail", from, { method: "POST", body: JSON.stringify({ message }) });
    expect(sent.status).toBe(202);
    const inbox = (await (await graph("/me/messages?$top=1", to)).json()) as { value: { subject: string }[] };
    expect(inbox.value.map((mail) => mail.subject)).toEqual(["Delivered"]);
  });
});
