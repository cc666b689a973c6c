import fc from "fast-check";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EXCHANGE_SCOPE, type Form, forms, GRAPH_DEFAULT, postToken } from "../../test/token-client.js";
import type { DirectoryInput } from "../directory/schema.js";
import { type Emulator, startEmulator } from "../emulator.js";

const id = (kind: string, n: number) => `${kind}-0000-4000-8000-00000000000${n}`;
const tenants = [id("aaaaaaaa", 1), id("aaaaaaaa", 2)];
const blueprints = [id("bbbbbbbb", 1), id("bbbbbbbb", 2)];
const resource = "https://graph.microsoft.com";

/**
 * Four agents: each blueprint has one in each tenant. Each has an agent user of its own, and a person who calls that
 * blueprint in that tenant and no other.
 */
const agents = tenants.flatMap((tenant, t) =>
  blueprints.map((blueprint, b) => ({
    tenant,
    blueprint,
    clientId: id("eeeeeeee", 1 + t * 2 + b),
    agentUser: id("dddddddd", 1 + t * 2 + b),
    person: id("ffffffff", 1 + t * 2 + b),
  })),
);

const directory: DirectoryInput = {
  tenants: tenants.map((tenant, t) => ({ id: tenant, domain: `t${t}.example` })),
  applications: [
    {
      tenant: tenants[0] ?? "",
      clientId: id("cccccccc", 1),
      displayName: "App",
      multiTenant: true,
      principals: [{ tenant: tenants[1] ?? "" }],
    },
  ],
  blueprints: blueprints.map((clientId, b) => ({
    tenant: tenants[0] ?? "",
    clientId,
    displayName: `Blueprint ${b}`,
    multiTenant: true,
    principals: [{ tenant: tenants[1] ?? "" }],
    secrets: [{ value: `secret-${b}` }],
    api: { scopes: ["access_as_user"] },
    inheritablePermissions: [{ resource, scopes: "all" }],
  })),
  agentIdentities: agents.map(({ tenant, blueprint, clientId }) => ({
    tenant,
    blueprint,
    clientId,
    displayName: "Agent",
  })),
  agentUsers: agents.map(({ tenant, clientId, agentUser }, i) => ({
    tenant,
    id: agentUser,
    username: `agent${i}@t.example`,
    displayName: "Agent user",
    agentIdentity: clientId,
  })),
  users: agents.map(({ tenant, person }, i) => ({
    tenant,
    id: person,
    username: `person${i}@t.example`,
    displayName: "Person",
  })),
  delegatedGrants: tenants.flatMap((tenant) =>
    blueprints.map((client) => ({ tenant, client, resource, scopes: ["User.Read"] })),
  ),
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ directory });
});
afterAll(() => emulator.close());

const legs = ["t1", "t2", "autonomous", "agent-user", "on-behalf-of"] as const;
type Leg = (typeof legs)[number];

/** A token that was obtained, and what it was meant to be. */
interface Obtained {
  readonly kind: Leg | "inbound";
  readonly agent: number;
  readonly token: string;
}

/** What is proper for the step's agent, or, when given, something else picked at random. */
const stray = () =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat({ max: 999 }) });
const step = fc.record({
  leg: fc.constantFrom(...legs),
  agent: fc.nat({ max: agents.length - 1 }),
  tenant: stray(),
  blueprint: stray(),
  user: stray(),
  first: stray(),
  second: stray(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const users = agents.flatMap(({ agentUser, person }) => [agentUser, person]);
const pick = <T>(from: readonly T[], i: number): T => {
  const chosen = from[i % from.length];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
};

/** A request, and whether the directory entitles it to a token. */
interface Attempt {
  readonly form: Form;
  readonly tenant: string;
  readonly entitled: boolean;
}

function attemptOf(current: Step, obtained: readonly Obtained[]): Attempt {
  const { leg } = current;
  const agent = pick(agents, current.agent);
  const tenant = current.tenant === undefined ? agent.tenant : pick(tenants, current.tenant);
  const blueprint = current.blueprint === undefined ? agent.blueprint : pick(blueprints, current.blueprint);
  const user_id = current.user === undefined ? agent.agentUser : pick(users, current.user);
  const take = (at: number | undefined, kind: Obtained["kind"]): Obtained => {
    const own = obtained.findLast((one) => one.kind === kind && one.agent === current.agent);
    return at === undefined && own ? own : pick(obtained, at ?? 0);
  };
  const isOwn = (one: Obtained, kind: Obtained["kind"]) => one.kind === kind && one.agent === current.agent;
  const home = tenant === agent.tenant;
  if (leg === "t1") {
    return { form: t1Form(blueprint, agent.clientId), tenant, entitled: home && blueprint === agent.blueprint };
  }
  const t1 = take(current.first, "t1");
  const known = home && isOwn(t1, "t1");
  if (leg === "agent-user") {
    const t2 = take(current.second, "t2");
    const form = { ...forms.userFic(agent.clientId, t1.token, t2.token, { user_id }), scope: GRAPH_DEFAULT };
    return { form, tenant, entitled: known && isOwn(t2, "t2") && user_id === agent.agentUser };
  }
  if (leg === "on-behalf-of") {
    const inbound = take(current.second, "inbound");
    const form = forms.onBehalfOf(agent.clientId, t1.token, inbound.token, GRAPH_DEFAULT);
    return { form, tenant, entitled: known && isOwn(inbound, "inbound") };
  }
  const scope = leg === "t2" ? EXCHANGE_SCOPE : GRAPH_DEFAULT;
  return { form: forms.agent(agent.clientId, t1.token, scope), tenant, entitled: known };
}

const t1Form = (blueprint: string, agent: string): Form => ({
  grant_type: "client_credentials",
  client_id: blueprint,
  client_secret: `secret-${blueprints.indexOf(blueprint)}`,
  scope: EXCHANGE_SCOPE,
  fmi_path: agent,
});

/** What every sequence starts with: T1, T2 and an inbound token of its person, for each agent. */
async function start(): Promise<Obtained[]> {
  const tokens = agents.map(async ({ clientId, tenant, blueprint, person }, agent): Promise<Obtained[]> => {
    const t1 = await postToken(emulator, t1Form(blueprint, clientId), tenant);
    const t2 = await postToken(emulator, forms.agent(clientId, t1.accessToken, EXCHANGE_SCOPE), tenant);
    const inbound = await emulator.mint("agent-on-behalf-of-user", {
      audience: blueprint,
      agentIdentity: clientId,
      user: person,
    });
    return [
      { kind: "t1", agent, token: t1.accessToken },
      { kind: "t2", agent, token: t2.accessToken },
      { kind: "inbound", agent, token: inbound },
    ];
  });
  return (await Promise.all(tokens)).flat();
}
/** Whether a token names a tenant, blueprint, agent and user that belong together. */
function isConsistent(claims: JWTPayload, leg: Leg): boolean {
  const client = claims.azp ?? claims.appid;
  if (leg === "t1") {
    const named = agents.find(({ clientId }) => String(claims.sub).endsWith(clientId));
    return named?.blueprint === client && named?.tenant === claims.tid;
  }
  const agent = agents.find(({ clientId }) => clientId === client);
  if (!agent || agent.tenant !== claims.tid || claims.xms_par_app_azp !== agent.blueprint) return false;
  if (leg === "t2" || leg === "autonomous") return claims.oid === agent.clientId && claims.scp === undefined;
  if (leg === "agent-user") return claims.oid === agent.agentUser;
  return claims.oid === agent.person;
}

it("yields a token exactly when tenant, blueprint, agent and user were entitled, whatever is combined", async () => {
  const initial = await start();
  const issued = new Map<Leg, number>();
  const refused = new Map<Leg, number>();
  const count = (of: Map<Leg, number>, leg: Leg) => of.set(leg, (of.get(leg) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const obtained = [...initial];
      for (const current of steps) {
        const { form, tenant, entitled } = attemptOf(current, obtained);
        const { status, claims, accessToken, aadsts } = await postToken(emulator, form, tenant);
        expect({ form, tenant, aadsts, issued: status === 200 }).toMatchObject({ issued: entitled });
        count(entitled ? issued : refused, current.leg);
        if (!entitled) continue;
        expect({ claims, consistent: isConsistent(claims, current.leg) }).toMatchObject({ consistent: true });
        obtained.push({ kind: current.leg, agent: current.agent, token: accessToken });
      }
    }),
    { numRuns: 200, seed: 20260101 },
  );
  // Had a leg only ever been refused, or only ever issued, the property would hold for nothing.
  for (const leg of legs) {
    expect({ leg, issued: issued.get(leg) ?? 0 }).toMatchObject({ issued: expect.toSatisfy((n: number) => n > 5) });
    expect({ leg, refused: refused.get(leg) ?? 0 }).toMatchObject({ refused: expect.toSatisfy((n: number) => n > 5) });
  }
});
