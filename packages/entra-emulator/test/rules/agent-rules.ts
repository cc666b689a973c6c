import { EXCHANGE_SCOPE, type Form, forms, GRAPH_DEFAULT } from "../token-client.js";
import { agentForm, ids, secrets, t1Form, type World, without } from "../world.js";
import type { Rule } from "./rule.js";

const t1 = (world: World) => world.post(t1Form());
const asAgent = async (world: World) => world.post(agentForm(ids.agent, await world.t1()));

/** A `user_fic` request of the agent, with any change. */
async function userFic(world: World, change: Form = {}): Promise<Form> {
  const form = forms.userFic(ids.agent, await world.t1(), await world.t2(), { user_id: ids.agentUser });
  return { ...form, ...change };
}
const asAgentUser = async (world: World) => world.post(await userFic(world));
const asNamedAgentUser = async (world: World) =>
  world.post({ ...without(await userFic(world), "user_id"), username: "agent-user@contoso.example" });

/** Agent identities, T1 and T2. */
export const agentRules: readonly Rule[] = [
  {
    rule: "`fmi_path` names an agent identity of the calling blueprint",
    code: 700016,
    refused: (world) => world.post(t1Form(ids.strangerAgent)),
    accepted: (world) => world.post(t1Form(ids.strangerAgent, ids.otherBlueprint)),
  },
  {
    rule: "`fmi_path` names an agent identity of the tenant",
    code: 700016,
    refused: (world) => world.post(t1Form(ids.fabrikamAgent)),
    accepted: (world) => world.post(t1Form(ids.fabrikamAgent), ids.fabrikam),
  },
  {
    rule: "`fmi_path` names an enabled agent identity",
    code: 7000112,
    refused: (world) => world.post(t1Form(ids.disabledAgent)),
    accepted: t1,
  },
  {
    rule: "a blueprint that asks for the exchange scope names an agent identity",
    code: 82008,
    refused: (world) => world.post(without(t1Form(), "fmi_path")),
    accepted: t1,
  },
  {
    rule: "`fmi_path` goes with the exchange scope alone",
    code: 90023,
    refused: (world) => world.post({ ...t1Form(), scope: GRAPH_DEFAULT }),
    accepted: t1,
  },
  {
    rule: "an agent identity never authenticates with a secret",
    code: 7000215,
    refused: async (world) =>
      world.post({
        ...without(agentForm(ids.agent, ""), "client_assertion", "client_assertion_type"),
        client_secret: secrets.blueprint,
      }),
    accepted: asAgent,
  },
  {
    rule: "an agent identity authenticates with its own T1, not another agent's",
    code: 700213,
    refused: async (world) => world.post(agentForm(ids.agent, await world.t1(ids.sibling))),
    accepted: asAgent,
  },
  {
    rule: "an agent identity authenticates with a T1 of its own tenant",
    code: 700211,
    refused: async (world) =>
      world.post(agentForm(ids.agent, await world.t1(ids.fabrikamAgent, ids.blueprint, ids.fabrikam))),
    accepted: asAgent,
  },
  {
    rule: "T1 is an exchange token, not just any token of the blueprint",
    code: 700212,
    refused: async (world) => {
      const app = await world.post({ ...without(t1Form(), "fmi_path"), scope: GRAPH_DEFAULT });
      return world.post(agentForm(ids.agent, world.tokenOf(app)));
    },
    accepted: asAgent,
  },
  {
    rule: "T1 has not expired",
    code: 700024,
    refused: async (world) => {
      const token = await world.t1();
      return world.later(3600 + 301, () => world.post(agentForm(ids.agent, token)));
    },
    accepted: async (world) => {
      const token = await world.t1();
      return world.later(3590, () => world.post(agentForm(ids.agent, token)));
    },
  },
  {
    rule: "T1 carries the emulator's signature",
    code: 700027,
    refused: async (world) => {
      const [header, , signature] = (await world.t1()).split(".");
      const [, payload] = (await world.t1(ids.sibling)).split(".");
      return world.post(agentForm(ids.sibling, [header, payload, signature].join(".")));
    },
    accepted: async (world) => world.post(agentForm(ids.sibling, await world.t1(ids.sibling))),
  },
  {
    rule: "T2 is an exchange token, not a token for another API",
    code: 700212,
    refused: async (world) => {
      const graph = world.tokenOf(await asAgent(world));
      return world.post(await userFic(world, { user_federated_identity_credential: graph }));
    },
    accepted: asAgentUser,
  },
  {
    rule: "T2 is not T1",
    code: 700213,
    refused: async (world) =>
      world.post(await userFic(world, { user_federated_identity_credential: await world.t1() })),
    accepted: asAgentUser,
  },
  {
    rule: "T2 belongs to the agent identity that presents it",
    code: 700213,
    refused: async (world) =>
      world.post(await userFic(world, { user_federated_identity_credential: await world.t2(ids.sibling) })),
    accepted: asAgentUser,
  },
  {
    rule: "T2 is asked for with the exchange scope's `/.default`",
    code: 1002012,
    refused: async (world) => world.post(agentForm(ids.agent, await world.t1(), "api://AzureADTokenExchange")),
    accepted: async (world) => world.post(agentForm(ids.agent, await world.t1(), EXCHANGE_SCOPE)),
  },
  {
    rule: "`user_fic` comes with T2",
    code: 900144,
    refused: async (world) => world.post(without(await userFic(world), "user_federated_identity_credential")),
    accepted: asAgentUser,
  },
  {
    rule: "`user_fic` comes with T1",
    code: 7000218,
    refused: async (world) => world.post(without(await userFic(world), "client_assertion", "client_assertion_type")),
    accepted: asAgentUser,
  },
  {
    rule: "`user_fic` names the user once, not by `username` and `user_id`",
    code: 90023,
    refused: async (world) => world.post(await userFic(world, { username: "agent-user@contoso.example" })),
    accepted: asNamedAgentUser,
  },
  {
    rule: "`user_fic` names the user by `username` or `user_id`",
    code: 900144,
    refused: async (world) => world.post(without(await userFic(world), "user_id")),
    accepted: asNamedAgentUser,
  },
  {
    rule: "the user of `user_fic` exists",
    code: 50034,
    refused: async (world) => world.post(await userFic(world, { user_id: ids.carol })),
    accepted: asAgentUser,
  },
  {
    rule: "the user of `user_fic` is the agent's own, not another agent's",
    code: 700213,
    refused: async (world) => world.post(await userFic(world, { user_id: ids.siblingUser })),
    accepted: asAgentUser,
  },
  {
    rule: "the user of `user_fic` is an agent user, not a person",
    code: 700213,
    refused: async (world) => world.post(await userFic(world, { user_id: ids.adele })),
    accepted: asAgentUser,
  },
  {
    rule: "the agent user is enabled",
    code: 50057,
    refused: async (world) => world.post(await userFic(world, { user_id: ids.disabledAgentUser })),
    accepted: asAgentUser,
  },
];
