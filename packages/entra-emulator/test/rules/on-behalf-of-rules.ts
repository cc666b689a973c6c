import { type Form, forms, GRAPH_DEFAULT, OBO_GRANT } from "../token-client.js";
import { ids, secrets, type World, without } from "../world.js";
import type { Rule } from "./rule.js";

/** On-behalf-of by the agent. */
async function exchange(world: World, assertion: string, scope = "User.Read"): Promise<Form> {
  return forms.onBehalfOf(ids.agent, await world.t1(), assertion, scope);
}
const accepted = async (world: World) => world.post(await exchange(world, await world.inbound()));

/** On-behalf-of by an ordinary API. */
async function plain(world: World, scope: string, options: object = {}): Promise<Form> {
  return {
    grant_type: OBO_GRANT,
    client_id: ids.client,
    client_secret: secrets.client,
    assertion: await world.inbound({ audience: ids.client, ...options }),
    requested_token_use: "on_behalf_of",
    scope,
  };
}
const acceptedPlain = async (world: World) => world.post(await plain(world, "User.Read"));
const payroll = `api://${ids.payroll}/Read`;
const vault = `api://${ids.vault}/Read`;
const contextClaims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });

/** On-behalf-of, consent and Conditional Access. */
export const onBehalfOfRules: readonly Rule[] = [
  {
    rule: "the user assertion is there",
    code: 900144,
    refused: async (world) => world.post(without(await exchange(world, await world.inbound()), "assertion")),
    accepted,
  },
  {
    rule: "`requested_token_use` is there",
    code: 900144,
    refused: async (world) => world.post(without(await exchange(world, await world.inbound()), "requested_token_use")),
    accepted,
  },
  {
    rule: "`requested_token_use` is `on_behalf_of`",
    code: 90023,
    refused: async (world) =>
      world.post({ ...(await exchange(world, await world.inbound())), requested_token_use: "x" }),
    accepted,
  },
  {
    rule: "a confidential client authenticates",
    code: 7000218,
    refused: async (world) => world.post(without(await plain(world, "User.Read"), "client_secret")),
    accepted: acceptedPlain,
  },
  {
    rule: "the user assertion is a JWT",
    code: 50027,
    refused: async (world) => world.post(await exchange(world, "not-a-jwt")),
    accepted,
  },
  {
    rule: "the user assertion carries the emulator's signature",
    code: 50013,
    refused: async (world) => {
      const [header, payload] = (await world.inbound()).split(".");
      const [, , signature] = (await world.inbound()).split(".");
      return world.post(await exchange(world, [header, payload, signature].join(".")));
    },
    accepted,
  },
  {
    rule: "the user assertion is for the blueprint, by client id or `api://` URI",
    code: 50013,
    refused: async (world) => world.post(await exchange(world, await world.inbound({ audience: ids.agent }))),
    accepted: async (world) =>
      world.post(await exchange(world, await world.inbound({ audience: `api://${ids.blueprint}` }))),
  },
  {
    rule: "the user assertion of an ordinary API is for that API",
    code: 50013,
    refused: async (world) => world.post(await plain(world, "User.Read", { audience: ids.otherApi })),
    accepted: acceptedPlain,
  },
  {
    rule: "the user assertion is of the tenant that is asked",
    code: 50013,
    refused: async (world) =>
      world.post(
        { ...(await plain(world, "User.Read", { audience: ids.multiTenantClient })), client_id: ids.multiTenantClient },
        ids.fabrikam,
      ),
    accepted: async (world) =>
      world.post({
        ...(await plain(world, "User.Read", { audience: ids.multiTenantClient })),
        client_id: ids.multiTenantClient,
      }),
  },
  {
    rule: "the user assertion has not expired",
    code: 500133,
    refused: async (world) => world.post(await exchange(world, await world.inbound({ expiresIn: -1 }))),
    accepted: async (world) => world.post(await exchange(world, await world.inbound({ expiresIn: 30 }))),
  },
  {
    rule: "the user assertion is a user's, not an application's",
    code: 7000114,
    refused: async (world) =>
      world.post(await exchange(world, await world.emulator.mint("app", { audience: ids.blueprint }))),
    accepted,
  },
  {
    rule: "the user of the assertion exists",
    code: 50034,
    refused: async (world) => world.post(await exchange(world, await world.inbound({ claims: { oid: ids.carol } }))),
    accepted,
  },
  {
    rule: "the user of the assertion is enabled",
    code: 50057,
    refused: async (world) => world.post(await exchange(world, await world.inbound({ user: ids.disabledUser }))),
    accepted,
  },
  {
    rule: "an agent identity was granted the scope, itself or by inheritance",
    code: 65001,
    refused: async (world) => world.post(await exchange(world, await world.inbound(), "Mail.Send")),
    accepted: async (world) => world.post(await exchange(world, await world.inbound(), "Mail.Read")),
  },
  {
    rule: "`/.default` needs at least one granted scope",
    code: 65001,
    refused: async (world) => world.post(await plain(world, `api://${ids.orders}/.default`)),
    accepted: async (world) => world.post(await plain(world, GRAPH_DEFAULT)),
  },
  {
    rule: "the API has the scope",
    code: 650053,
    refused: async (world) => world.post(await exchange(world, await world.inbound(), "User.Juggle")),
    accepted,
  },
  {
    rule: "the scopes are of one API",
    code: 70011,
    refused: async (world) => world.post(await plain(world, `User.Read ${payroll}`)),
    accepted: async (world) => world.post(await plain(world, "User.Read openid profile")),
  },
  {
    rule: "`claims` is a claims request",
    code: 9002313,
    refused: async (world) => world.post({ ...(await plain(world, "User.Read")), claims: "{" }),
    accepted: async (world) =>
      world.post({ ...(await plain(world, "User.Read")), claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' }),
  },
  {
    rule: "Conditional Access does not block the user from the API",
    code: 53003,
    refused: async (world) => world.post(await plain(world, vault)),
    accepted: async (world) => world.post(await plain(world, payroll, { claims: { amr: ["pwd", "mfa"] } })),
  },
  {
    rule: "where Conditional Access requires MFA, the user has done it",
    code: 50076,
    refused: async (world) => world.post(await plain(world, payroll)),
    accepted: async (world) => world.post(await plain(world, payroll, { claims: { amr: ["pwd", "mfa"] } })),
  },
  {
    rule: "an authentication context that is asked for was satisfied by the user",
    code: 50076,
    refused: async (world) => world.post({ ...(await plain(world, "User.Read")), claims: contextClaims }),
    accepted: async (world) =>
      world.post({ ...(await plain(world, "User.Read", { claims: { acrs: ["c1"] } })), claims: contextClaims }),
  },
];
