import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { forms, GRAPH_DEFAULT, postToken, t1For } from "../../test/token-client.js";
import { type Emulator, startEmulator } from "../emulator.js";
import { defaultDirectory } from "./default-directory.js";
import { DirectoryError, type DirectoryInput, directoryJsonSchema, parseDirectory } from "./schema.js";

let emulator: Emulator | undefined;
afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
});
const start = async (change: Partial<DirectoryInput>): Promise<Emulator> => {
  emulator = await startEmulator({ directory: { ...defaultDirectory, ...change } });
  return emulator;
};
const [blueprint] = defaultDirectory.blueprints ?? [];
const [agent] = defaultDirectory.agentIdentities ?? [];
const [adele] = defaultDirectory.users ?? [];
if (!blueprint || !agent || !adele) throw new Error("the default directory is empty");
const tenant = blueprint.tenant;

describe("a directory document", () => {
  const messageOf = (change: object): string => {
    try {
      parseDirectory({ ...defaultDirectory, ...change });
    } catch (error) {
      expect(error).toBeInstanceOf(DirectoryError);
      return (error as Error).message;
    }
    return "valid";
  };

  it("is refused with the path of each mistake", () => {
    expect(messageOf({})).toBe("valid");
    expect(messageOf({ tenants: [] })).toContain("tenants: ");
    expect(messageOf({ user: [] })).toContain('Unrecognized key: "user"');
    expect(messageOf({ users: [{ ...adele, id: "1" }] })).toContain("users[0].id: must be a GUID");
    expect(messageOf({ users: [{ ...adele, username: "adele" }] })).toContain(
      "users[0].username: must be a user principal name",
    );
    expect(messageOf({ blueprints: [{ ...blueprint, secrets: [{ value: "x", expires: "soon" }] }] })).toContain(
      "blueprints[0].secrets[0].expires",
    );
  });

  it("is refused when it names what it does not have, or has twice", () => {
    const nobody = "00000000-0000-4000-8000-00000000dead";
    expect(messageOf({ agentIdentities: [{ ...agent, blueprint: nobody }], agentUsers: [], roleAssignments: [] })).toBe(
      `Invalid directory: agentIdentities[0].blueprint: there is no blueprint ${nobody} in blueprints.`,
    );
    expect(messageOf({ users: [{ ...adele, tenant: nobody }] })).toContain(
      `users[0].tenant: there is no tenant ${nobody}`,
    );
    expect(messageOf({ users: [adele, { ...adele, username: "b@c.example" }] })).toContain(
      "users[1].id: is the same as users[0].id",
    );
    const grant = { tenant, client: blueprint.clientId, resource: "https://graph.microsoft.com" };
    expect(messageOf({ delegatedGrants: [{ ...grant, scopes: ["User.Juggle"] }] })).toContain(
      "delegatedGrants[0].scopes[0]: https://graph.microsoft.com has no User.Juggle",
    );
    expect(messageOf({ delegatedGrants: [{ ...grant, resource: "api://x", scopes: ["A"] }] })).toContain(
      "delegatedGrants[0].resource: there is no API api://x",
    );
    expect(messageOf({ delegatedGrants: [{ ...grant, client: nobody, scopes: ["User.Read"] }] })).toContain(
      "delegatedGrants[0].client",
    );
  });

  it("has a published JSON Schema that is the one it is validated by", async () => {
    const published: unknown = JSON.parse(
      await readFile(new URL("../../directory.schema.json", import.meta.url), "utf8"),
    );
    expect(published).toEqual(JSON.parse(JSON.stringify(directoryJsonSchema())));
  });
});

describe("what a directory configures", () => {
  const appToken = (running: Emulator) =>
    postToken(running, {
      grant_type: "client_credentials",
      client_id: running.clientApp.clientId,
      client_secret: running.clientApp.clientSecret,
      scope: `api://${blueprint.clientId}/.default`,
    });

  it("token version: version 1.0 tokens have another issuer, audience and client claim", async () => {
    const v2 = await appToken(await start({}));
    expect(v2.claims).toMatchObject({ ver: "2.0", aud: blueprint.clientId, azp: emulator?.clientApp.clientId });
    expect(v2.claims.iss).toBe(`${emulator?.url}/${tenant}/v2.0`);
    await emulator?.close();
    const v1 = await appToken(
      await start({ blueprints: [{ ...blueprint, api: { ...blueprint.api, tokenVersion: "1.0" } }] }),
    );
    expect(v1.claims).toMatchObject({
      ver: "1.0",
      aud: `api://${blueprint.clientId}`,
      appid: emulator?.clientApp.clientId,
    });
    expect(v1.claims.iss).toBe(`${emulator?.url}/${tenant}/`);
  });

  it("token lifetime, and with a long one when to refresh", async () => {
    const api = { ...blueprint.api, tokenLifetime: 86_400 };
    const answer = await appToken(await start({ blueprints: [{ ...blueprint, api }] }));
    expect(answer.body).toMatchObject({ expires_in: 86_400, ext_expires_in: 86_400, refresh_in: 43_200 });
    expect((answer.claims.exp ?? 0) - (answer.claims.iat ?? 0)).toBe(86_400);
    await emulator?.close();
    expect((await appToken(await start({}))).body.refresh_in).toBeUndefined();
  });

  it("optional claims and groups", async () => {
    const group = "60000000-0000-4000-8000-000000000001";
    const running = await start({
      groups: [{ tenant, id: group, displayName: "Sales" }],
      users: [{ ...adele, groups: [group] }],
      blueprints: [{ ...blueprint, api: { ...blueprint.api, optionalClaims: ["email", "groups", "given_name"] } }],
      applications: (defaultDirectory.applications ?? []).map((app) => ({ ...app, api: { scopes: ["Read"] } })),
    });
    const { clientId, clientSecret } = running.clientApp;
    const answer = await postToken(running, {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      client_id: clientId,
      client_secret: clientSecret,
      assertion: await running.mint("user", { audience: clientId }),
      requested_token_use: "on_behalf_of",
      scope: `api://${blueprint.clientId}/access_as_user`,
    });
    expect(answer.claims).toMatchObject({ email: adele.username, groups: [group], given_name: "Adele" });
    expect(answer.claims).not.toHaveProperty("family_name");
  });

  it("client capabilities: an API that registered for xms_cc sees them, another does not", async () => {
    const claimsOf = async (optionalClaims: ("xms_cc" | "email")[]) => {
      const running = await start({
        blueprints: [{ ...blueprint, api: { ...blueprint.api, optionalClaims } }],
        applications: (defaultDirectory.applications ?? []).map((app) => ({ ...app, api: { scopes: ["Read"] } })),
      });
      const { claims } = await postToken(running, {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        client_id: running.clientApp.clientId,
        client_secret: running.clientApp.clientSecret,
        assertion: await running.mint("user", { audience: running.clientApp.clientId }),
        requested_token_use: "on_behalf_of",
        scope: `api://${blueprint.clientId}/access_as_user`,
        claims: JSON.stringify({ access_token: { xms_cc: { values: ["cp1"] } } }),
      });
      await running.close();
      return claims;
    };
    expect((await claimsOf(["xms_cc"])).xms_cc).toEqual(["cp1"]);
    expect(await claimsOf(["email"])).not.toHaveProperty("xms_cc");
  });

  it("a grant of one user is no grant of another", async () => {
    const running = await start({
      delegatedGrants: [
        {
          tenant,
          client: agent.clientId,
          resource: "https://graph.microsoft.com",
          scopes: ["Mail.Read"],
          user: adele.id,
        },
      ],
    });
    const t1 = await t1For(running, agent.clientId);
    const tokenFor = async (user: string) =>
      postToken(running, forms.onBehalfOf(agent.clientId, t1, await running.mint("user", { user }), GRAPH_DEFAULT));
    expect((await tokenFor(adele.username)).claims.scp).toBe("Mail.Read");
    expect((await tokenFor("ben@contoso.example")).aadsts).toBe(65001);
  });

  it("inheritance: agents get what the blueprint holds and passes on, scopes and roles", async () => {
    const resource = "https://graph.microsoft.com";
    const running = await start({
      blueprints: [{ ...blueprint, inheritablePermissions: [{ resource, scopes: ["User.Read"], roles: "all" }] }],
      roleAssignments: [{ tenant, client: blueprint.clientId, resource, roles: ["User.Read.All"] }],
    });
    const t1 = await t1For(running, agent.clientId);
    const app = await postToken(running, forms.agent(agent.clientId, t1));
    const user = await postToken(
      running,
      forms.onBehalfOf(agent.clientId, t1, await running.mint("user"), GRAPH_DEFAULT),
    );
    expect([app.claims.roles, user.claims.scp]).toEqual([["User.Read.All"], "User.Read"]);
  });

  it("an authentication context: Graph challenges until the token carries it", async () => {
    const resource = "https://graph.microsoft.com";
    const running = await start({
      conditionalAccess: [{ tenant, resource, require: "claims", authenticationContext: "c2" }],
    });
    const me = async (claims: object) => {
      const token = await running.mint("user", { audience: resource, scopes: ["User.Read"], claims: { ...claims } });
      return fetch(`${running.url}/graph/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
    };
    const challenged = await me({});
    const encoded = /claims="([^"]+)"/.exec(challenged.headers.get("www-authenticate") ?? "")?.[1] ?? "";
    expect([challenged.status, JSON.parse(Buffer.from(encoded, "base64").toString())]).toEqual([
      401,
      { access_token: { acrs: { essential: true, values: ["c2"] } } },
    ]);
    expect((await me({ acrs: ["c2"] })).status).toBe(200);
  });
});
