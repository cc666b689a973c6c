import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulated, emulate } from "../../../test/emulated.js";
import type { AgentAuthOptions } from "../../index.js";
import { memoryTokenStore } from "./memory-token-store.js";
import { Sealer } from "./sealer.js";
import type { TokenStore } from "./token-store.js";

const key = () => randomBytes(32).toString("base64");

let world: Emulated;

beforeEach(async () => {
  world = await emulate();
});

afterEach(() => world.close());

/** A store whose contents can be looked at. */
function openStore() {
  const values = new Map<string, { value: string; ttlSeconds: number }>();
  const store: TokenStore = {
    get: async (name) => values.get(name)?.value,
    set: async (name, value, ttlSeconds) => void values.set(name, { value, ttlSeconds }),
    delete: async (name) => void values.delete(name),
  };
  return { store, values };
}

describe("the second tier", () => {
  test("serves another process, for every flow, on-behalf-of included", async () => {
    const { store, values } = openStore();
    const options: Partial<AgentAuthOptions> = { tokenStore: store, tokenStoreKeys: [key()] };
    const { emulator } = world;
    const [agent] = emulator.agentIdentities.map(({ clientId }) => clientId);
    const [agentUser] = emulator.agentUsers;
    const use = async () => {
      const app = world.app(options);
      const auth = await app.authenticate({ authorization: `Bearer ${token}` });
      const headers = [
        await app.forApp().headerFor("Graph"),
        await auth.headerFor("Graph"),
        await auth.asAgent(agent ?? "").headerFor("Graph"),
        await app
          .forApp()
          .asAgent(agent ?? "")
          .headerFor("Graph"),
        await app
          .forApp()
          .asAgentUser(agent ?? "", { userId: agentUser?.id ?? "" })
          .headerFor("Graph"),
      ];
      await app.close();
      return headers;
    };
    const token = await emulator.mint("user");
    const first = await use();
    expect(emulator.requests).toHaveLength(7);
    expect(await use()).toEqual(first);
    expect(emulator.requests).toHaveLength(7);
    for (const [name, { value, ttlSeconds }] of values) {
      expect(name).toMatch(/^agent-auth:token:[\w-]{43}$/);
      expect(first.some((header) => value.includes(header.slice(7, 40)))).toBe(false);
      expect(ttlSeconds).toBeGreaterThan(3000);
      expect(ttlSeconds).toBeLessThanOrEqual(24 * 3600);
    }
    expect(JSON.stringify([...values])).not.toContain(agent);
  });

  test.each<[string, TokenStore]>([
    ["throws", { get: rejects, set: rejects, delete: rejects }],
    ["answers nonsense", { get: async () => "nonsense", set: async () => {}, delete: async () => {} }],
    [
      "hangs",
      { get: () => new Promise(() => {}), set: () => new Promise(() => {}), delete: () => new Promise(() => {}) },
    ],
  ])("that %s fails no call", async (name, store) => {
    const app = world.app({ tokenStore: store, tokenStoreKeys: [key()] });
    expect(await app.forApp().headerFor("Graph")).toMatch(/^Bearer /);
    expect(await app.forApp().headerFor("Graph")).toMatch(/^Bearer /);
    const warnings = world.log.filter((line) => line.includes("token store"));
    expect(warnings).toHaveLength(name === "answers nonsense" ? 0 : 1);
  });

  test("gives nothing that was moved to another's place", async () => {
    const { store, values } = openStore();
    const options: Partial<AgentAuthOptions> = { tokenStore: store, tokenStoreKeys: [key()] };
    const tokens = await Promise.all(world.emulator.users.map(({ id }) => world.emulator.mint("user", { user: id })));
    const headers = async () => {
      const app = world.app(options);
      const result: string[] = [];
      for (const token of tokens) {
        result.push(await (await app.authenticate({ authorization: `Bearer ${token}` })).headerFor("Graph"));
      }
      await app.close();
      return result;
    };
    await headers();
    const [one, other] = [...values.keys()] as [string, string];
    const [a, b] = [values.get(one), values.get(other)];
    values.set(one, b as never).set(other, a as never);
    world.emulator.clearRequests();
    await headers();
    expect(world.emulator.requests).toHaveLength(2);
  });

  test("forget() takes a user's tokens out of both tiers", async () => {
    const { store, values } = openStore();
    const app = world.app({ tokenStore: store, tokenStoreKeys: [key()] });
    const [adele, ben] = world.emulator.users;
    for (const user of [adele, ben]) await (await world.request(app, user?.id)).headerFor("Graph");
    await app.forApp().headerFor("Graph");
    expect(values.size).toBe(3);
    await app.forget({ userId: adele?.id.toUpperCase() });
    expect(values.size).toBe(2);
    await app.forget();
    expect(values.size).toBe(0);
  });

  test("needs keys", () => {
    const { store } = openStore();
    expect(() => world.app({ tokenStore: store })).toThrow(/tokenStoreKeys is required/);
    expect(() => world.app({ tokenStore: store, tokenStoreKeys: ["c2hvcnQ="] })).toThrow(
      /tokenStoreKeys\.0 must be the base64/,
    );
    expect(() => world.app({ tokenStore: {} as TokenStore, tokenStoreKeys: [key()] })).toThrow(/tokenStore must be/);
  });
});

async function rejects(): Promise<never> {
  throw new Error("ECONNREFUSED");
}

describe("Sealer", () => {
  const oldKey = randomBytes(32);
  const newKey = randomBytes(32);

  test("opens what was sealed for the same place, with any of its keys", () => {
    const sealed = new Sealer([oldKey]).seal("a", "välue");
    expect(sealed).not.toContain(Buffer.from("välue").toString("base64url").slice(0, 6));
    expect(new Sealer([newKey, oldKey]).open("a", sealed)).toBe("välue");
    expect(new Sealer([newKey]).open("a", sealed)).toBeUndefined();
    expect(new Sealer([oldKey]).open("b", sealed)).toBeUndefined();
  });

  test("opens nothing that was altered", () => {
    const sealer = new Sealer([oldKey]);
    const sealed = sealer.seal("a", "value");
    for (let at = 0; at < sealed.length; at++) {
      const altered = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
      const opened = sealer.open("a", altered);
      // The last character of base64 has bits that carry nothing.
      if (at < sealed.length - 1) expect(opened).toBeUndefined();
    }
    expect(sealer.open("a", "")).toBeUndefined();
  });
});

test("memoryTokenStore() keeps, forgets and expires", async () => {
  const store = memoryTokenStore();
  await store.set("a", "1", 60);
  expect(await store.get("a")).toBe("1");
  await store.delete("a");
  expect(await store.get("a")).toBeUndefined();
});
