import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXCHANGE_SCOPE, forms, GRAPH_DEFAULT, postToken } from "../../../test/token-client.js";
import { type Emulator, startEmulator } from "../../emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const everything = [
  "AgentIdentityBlueprint.ReadWrite.All",
  "AgentIdentityBlueprintPrincipal.ReadWrite.All",
  "AgentIdentity.ReadWrite.All",
  "AgentIdUser.ReadWrite.All",
];
const admin = (roles: string[] = everything) =>
  emulator.mint("app", { audience: "https://graph.microsoft.com", roles });

interface GraphObject {
  readonly id: string;
  readonly appId: string;
  readonly secretText: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly value: readonly GraphObject[];
}

async function graph(method: string, path: string, options: { body?: object; token?: string; headers?: object } = {}) {
  const response = await fetch(`${emulator.url}/graph/v1.0${path}`, {
    method,
    headers: {
      authorization: `Bearer ${options.token ?? (await admin())}`,
      "odata-version": "4.0",
      ...(options.body ? { "content-type": "application/json" } : {}),
      ...options.headers,
    },
    ...(options.body ? { body: JSON.stringify(options.body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as GraphObject };
}

const sponsors = {
  "sponsors@odata.bind": ["https://graph.microsoft.com/v1.0/users/05e40000-0000-4000-8000-000000000001"],
};
const BLUEPRINTS = "/applications/microsoft.graph.agentIdentityBlueprint";
const PRINCIPALS = "/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal";
const AGENTS = "/servicePrincipals/microsoft.graph.agentIdentity";
const AGENT_USERS = "/users/microsoft.graph.agentUser";

const createBlueprint = async () =>
  (await graph("POST", BLUEPRINTS, { body: { displayName: "New", ...sponsors } })).body;
const agentBody = (blueprint: string) => ({ displayName: "Agent", agentIdentityBlueprintId: blueprint, ...sponsors });

describe("provisioning over Graph", () => {
  it("creates a blueprint, its principal, an agent identity and an agent user that obtain tokens, and deletes them", async () => {
    const blueprint = await createBlueprint();
    const { body: password } = await graph(
      "POST",
      `/applications/${blueprint.id}/microsoft.graph.agentIdentityBlueprint/addPassword`,
      { body: {} },
    );
    const credential = { client_id: blueprint.appId, client_secret: password.secretText };

    const early = await postToken(emulator, { ...credential, grant_type: "client_credentials", scope: GRAPH_DEFAULT });
    expect(early.aadsts).toBe(700016);
    const orphan = await graph("POST", AGENTS, { body: agentBody(blueprint.appId) });
    expect(orphan.body.error.code).toBe("AgentIdentity_AgentBlueprintPrincipalDoesNotExist");

    const principal = await graph("POST", PRINCIPALS, { body: { appId: blueprint.appId } });
    expect(principal.status).toBe(201);
    expect((await graph("GET", PRINCIPALS)).body.value.map(({ id }) => id)).toContain(principal.body.id);
    const agent = (await graph("POST", AGENTS, { body: agentBody(blueprint.appId) })).body;
    expect(agent.id).toBe(agent.appId);
    const user = await graph("POST", AGENT_USERS, {
      body: {
        accountEnabled: true,
        displayName: "Agent",
        mailNickname: "agent",
        userPrincipalName: "new-agent@contoso.example",
        identityParentId: agent.id,
      },
    });
    expect(user.status).toBe(201);

    const t1 = await postToken(emulator, { ...forms.t1(emulator, agent.id), ...credential });
    const t2 = await postToken(emulator, forms.agent(agent.id, t1.accessToken, EXCHANGE_SCOPE));
    const token = await postToken(emulator, {
      ...forms.userFic(agent.id, t1.accessToken, t2.accessToken, { user_id: user.body.id }),
      scope: "openid",
    });
    expect(token.claims).toMatchObject({ oid: user.body.id, appid: agent.id, xms_par_app_azp: blueprint.appId });

    const listed = await graph("GET", AGENTS);
    expect(listed.body.value.map(({ id }) => id)).toContain(agent.id);
    expect((await graph("DELETE", `/users/${user.body.id}/microsoft.graph.agentUser`)).status).toBe(204);
    expect((await graph("DELETE", `${AGENTS}/${agent.id}`)).status).toBe(204);
    const principalPath = `/servicePrincipals/${principal.body.id}/microsoft.graph.agentIdentityBlueprintPrincipal`;
    expect((await graph("DELETE", principalPath)).status).toBe(204);
    expect((await graph("GET", PRINCIPALS)).body.value.map(({ id }) => id)).not.toContain(principal.body.id);
    expect((await graph("DELETE", `${BLUEPRINTS}/${blueprint.appId}`)).status).toBe(204);
    expect((await graph("GET", `${BLUEPRINTS}/${blueprint.appId}`)).status).toBe(404);
    expect((await postToken(emulator, { ...forms.t1(emulator, agent.id), ...credential })).aadsts).toBe(700016);
  });

  it("never returns a secret after it was created", async () => {
    const { id } = await createBlueprint();
    const path = `/applications/${id}/microsoft.graph.agentIdentityBlueprint`;
    const { body } = await graph("POST", `${path}/addPassword`, { body: {} });
    expect(JSON.stringify((await graph("GET", path)).body)).not.toContain(body.secretText);
  });

  it("lets a blueprint create its own agent identities, and nobody else's", async () => {
    const token = await postToken(emulator, {
      grant_type: "client_credentials",
      client_id: emulator.blueprint.clientId,
      client_secret: emulator.blueprint.clientSecret,
      scope: GRAPH_DEFAULT,
    });
    const other = await createBlueprint();
    const own = await graph("POST", AGENTS, { body: agentBody(emulator.blueprint.clientId), token: token.accessToken });
    const foreign = await graph("POST", AGENTS, { body: agentBody(other.appId), token: token.accessToken });
    expect([own.status, foreign.status, foreign.body.error.code]).toEqual([
      201,
      403,
      "Error_AgentBlueprintCannotCreateAssociatedIdentity",
    ]);
  });

  it("refuses what Graph refuses, and accepts the nearest request", async () => {
    const body = { displayName: "New", ...sponsors };
    const noHeader = await graph("POST", BLUEPRINTS, { body, headers: { "odata-version": "" } });
    const noSponsor = await graph("POST", BLUEPRINTS, { body: { displayName: "New" } });
    const noPermission = await graph("POST", BLUEPRINTS, { body, token: await admin(["AgentIdentity.ReadWrite.All"]) });
    const credentialOnAgent = await graph("POST", `${AGENTS}/${emulator.agentIdentities[0]?.clientId}/addPassword`, {
      body: {},
    });
    const wrongParent = await graph("POST", AGENTS, { body: agentBody(emulator.clientApp.clientId) });
    const byAgent = await graph("POST", AGENTS, {
      body: agentBody(emulator.blueprint.clientId),
      token: await emulator.mint("agent", { audience: "https://graph.microsoft.com", roles: everything }),
    });
    expect(
      [noHeader, noSponsor, noPermission, credentialOnAgent, wrongParent, byAgent].map((a) => [
        a.status,
        a.body.error.code,
      ]),
    ).toEqual([
      [400, "Request_BadRequest"],
      [400, "Request_BadRequest"],
      [403, "Authorization_RequestDenied"],
      [400, "AgentIdentity_CredentialsNotSupported"],
      [400, "AgentIdentity_IncompatibleParentType"],
      [403, "Error_AgentIdentitiesCreatingAgentIdentitiesNotAllowed"],
    ]);
    expect(noSponsor.body.error.message).toContain("sponsors@odata.bind");
    expect(
      (await graph("POST", BLUEPRINTS, { body, token: await admin(["AgentIdentityBlueprint.Create"]) })).status,
    ).toBe(201);
  });
});
