import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EXCHANGE_SCOPE,
  type Form,
  firstAgent,
  GRAPH_DEFAULT,
  JWT_BEARER,
  OBO_GRANT,
  postToken,
} from "../../test/token-client.js";
import { type Emulator, startEmulator } from "../emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const post = async (form: Form) => {
  const answer = await postToken(emulator, form);
  expect(answer.body.error_description).toBeUndefined();
  return answer;
};

/** Step 1 of the cmdlet `Get-EntraBetaAgentIdentityToken`, the same in all modes. */
async function parentToken(): Promise<string> {
  const answer = await post({
    grant_type: "client_credentials",
    client_id: emulator.blueprint.clientId,
    client_secret: emulator.blueprint.clientSecret,
    scope: EXCHANGE_SCOPE,
    fmi_path: firstAgent(emulator).agent,
  });
  return answer.accessToken;
}

/** The posts of each mode, field by field as the published script sends them. */
describe("the raw sequence of Get-EntraBetaAgentIdentityToken", () => {
  it("AutonomousApp", async () => {
    const { agent } = firstAgent(emulator);
    const { claims } = await post({
      grant_type: "client_credentials",
      client_id: agent,
      client_assertion_type: JWT_BEARER,
      client_assertion: await parentToken(),
      scope: GRAPH_DEFAULT,
    });
    expect(claims).toMatchObject({
      idtyp: "app",
      oid: agent,
      aud: "https://graph.microsoft.com",
      roles: ["User.Read.All"],
    });
  });

  it("OBO", async () => {
    const { agent } = firstAgent(emulator);
    const { claims } = await post({
      grant_type: OBO_GRANT,
      client_id: agent,
      client_assertion_type: JWT_BEARER,
      client_assertion: await parentToken(),
      assertion: await emulator.mint("user"),
      requested_token_use: "on_behalf_of",
      scope: GRAPH_DEFAULT,
    });
    expect(claims).toMatchObject({ idtyp: "user", oid: emulator.users[0]?.id, appid: agent });
  });

  it("AutonomousUser", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    const parent = await parentToken();
    const exchange = await post({
      grant_type: "client_credentials",
      client_id: agent,
      client_assertion_type: JWT_BEARER,
      client_assertion: parent,
      scope: EXCHANGE_SCOPE,
    });
    const { claims } = await post({
      grant_type: "user_fic",
      client_id: agent,
      username: agentUser.username,
      user_federated_identity_credential: exchange.accessToken,
      scope: GRAPH_DEFAULT,
      client_assertion_type: JWT_BEARER,
      client_assertion: parent,
    });
    expect(claims).toMatchObject({ idtyp: "user", oid: agentUser.id, appid: agent, xms_sub_fct: "13 1" });
  });
});
