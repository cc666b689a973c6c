import { type DirectoryInput, defaultDirectory } from "@agent-auth/entra-emulator/testing";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { emulate } from "../../test/emulated.js";
import type { RequestAuth } from "../index.js";

/** Every run has its own; a failure names it, and ISOLATION_SEED repeats it. */
const seed = Number(process.env.ISOLATION_SEED ?? Date.now() % 2 ** 31);
const calls = 20_000;
const workers = 32;
const tenants = [defaultDirectory.tenants[0]?.id ?? "", "7e4a0000-0000-4000-8000-000000000002"] as const;
const guid = (kind: string, index: number) => `${kind}0000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/** Two tenants that share one blueprint; ten users and three agents in each. */
function directory(): DirectoryInput {
  const [blueprint] = defaultDirectory.blueprints ?? [];
  if (blueprint === undefined) throw new Error("the default directory has a blueprint");
  const each = <Item>(count: number, make: (tenant: string, index: number) => Item) =>
    tenants.flatMap((tenant, t) => Array.from({ length: count }, (_, index) => make(tenant, t * 100 + index + 10)));
  const resource = "https://graph.microsoft.com";
  const principal = blueprint.clientId;
  return {
    ...defaultDirectory,
    tenants: [...defaultDirectory.tenants, { id: tenants[1], domain: "fabrikam.example" }],
    blueprints: [{ ...blueprint, multiTenant: true, principals: [{ tenant: tenants[1] }] }],
    users: each(10, (tenant, index) => ({
      tenant,
      id: guid("05e4", index).replace("05e40000", "05e40001"),
      username: `user${index}@example.example`,
      displayName: `User ${index}`,
    })),
    agentIdentities: each(3, (tenant, index) => ({
      tenant,
      clientId: guid("a9e0", index).replace("a9e00000", "a9e00001"),
      blueprint: principal,
      displayName: `Agent ${index}`,
    })),
    agentUsers: [],
    delegatedGrants: [
      ...(defaultDirectory.delegatedGrants ?? []),
      { tenant: tenants[1], client: principal, resource, scopes: ["User.Read", "Mail.Read"] },
    ],
    roleAssignments: tenants.map((tenant) => ({ tenant, client: principal, resource, roles: ["User.Read.All"] })),
  };
}

function random(initial: number): () => number {
  let state = initial >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`over ${calls} calls no response carries another's token (ISOLATION_SEED=${seed})`, async () => {
  const world = await emulate({ directory: directory() });
  const { emulator } = world;
  const services = { Profile: ["User.Read"], Mail: ["Mail.Read"], Directory: ["User.Read"] };
  const baseUrl = `${emulator.url}/graph/v1.0`;
  const app = world.app({
    tenantId: "organizations",
    entraTimeoutMs: 20_000,
    // Fewer than there are tokens, so that they push each other out.
    tokenCacheMaxEntries: 120,
    downstreamApis: Object.fromEntries(
      Object.entries(services).map(([name, scopes]) => [
        name,
        { baseUrl, scopes, requestAppToken: name === "Directory" },
      ]),
    ),
  });
  const next = random(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;

  const people = await Promise.all(
    (directory().users ?? []).map(async ({ tenant, id }) => {
      const claims = { tid: tenant, iss: `${emulator.url}/${tenant}/v2.0` };
      const token = await emulator.mint("user", { user: id, claims, expiresIn: 7 * 24 * 3600 });
      const auth: RequestAuth = await app.authenticate({ authorization: `Bearer ${token}` });
      return { tenant, id, auth };
    }),
  );
  const agents = directory().agentIdentities ?? [];

  let done = 0;
  let answered = 0;
  let echoed = 0;
  const failures = new Map<string, number>();
  const oneCall = async () => {
    const { tenant, id, auth } = pick(people);
    const agent = pick([undefined, ...agents.filter((candidate) => candidate.tenant === tenant)])?.clientId;
    const service = pick(Object.keys(services));
    const acting = agent === undefined ? auth : auth.asAgent(agent);
    const fate = next();
    if (fate < 0.002)
      await app.forget(pick([{ userId: id }, { tenantId: tenant }, { agentIdentity: agent ?? "none" }]));
    else if (fate < 0.01) {
      const fault = pick([{ kind: "status", status: 503, retryAfter: 0 } as const, { kind: "reset" } as const]);
      await emulator.faults.add({ ...fault, match: { endpoint: "token" } });
    } else if (fate < 0.012) {
      await emulator.faults.add({ kind: "status", status: 429, retryAfter: 1, match: { endpoint: "token", user: id } });
    }
    try {
      const header = await acting.headerFor(service, { forceRefresh: next() < 0.01 });
      const expected = {
        tid: tenant,
        appid: agent ?? emulator.blueprint.clientId,
        ...(service === "Directory" ? { idtyp: "app" } : { idtyp: "user", oid: id }),
      };
      const claims = decodeJwt(header.slice("Bearer ".length));
      expect(claims).toMatchObject(expected);
      if (service !== "Directory")
        expect(String(claims.scp).split(" ")).toContain(service === "Mail" ? "Mail.Read" : "User.Read");
      answered++;
      if (service === "Profile" && next() < 0.3) {
        expect(await acting.callDownstream(service, "/me").json()).toMatchObject({ id });
        echoed++;
      }
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      if (!code.startsWith("entra_")) throw error;
      failures.set(code, (failures.get(code) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(
      Array.from({ length: workers }, async () => {
        while (done++ < calls) await oneCall();
      }),
    );
  } finally {
    await world.close();
  }
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  expect(answered + failed).toBe(calls);
  expect(failed).toBeLessThan(calls * 0.02);
  expect(echoed).toBeGreaterThan(1_000);
}, 300_000);
