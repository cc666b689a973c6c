import { randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulated, emulate } from "../../../test/emulated.js";
import { memoryTokenStore } from "../store/memory-token-store.js";

const day = 24 * 3600;
const sessionKey = "b7f6a1de-report-of-the-week";

let world: Emulated;

beforeEach(async () => {
  world = await emulate();
});

afterEach(() => world.close());

const oidOf = (header: string) => decodeJwt(header.slice("Bearer ".length)).oid;
const grants = () => world.emulator.requests.map(({ grant }) => grant.replace(/^urn:.*:/, ""));

test("a session goes on for days after the user has left, in another process too", async () => {
  const options = { tokenStore: memoryTokenStore(), tokenStoreKeys: [randomBytes(32).toString("base64")] };
  const [adele] = world.emulator.users;
  const first = world.app(options);
  const session = await (await world.request(first, adele?.id)).longRunning(sessionKey);
  expect(oidOf(await session.headerFor("Graph"))).toBe(adele?.id);
  await session.headerFor("Graph");
  expect(grants()).toEqual(["jwt-bearer"]);
  await first.close();

  for (let days = 1; days <= 3; days++) {
    world.advance(day);
    const other = world.app(options);
    const continued = await other.longRunning(sessionKey);
    expect(oidOf(await continued.headerFor("Graph"))).toBe(adele?.id);
    expect(await continued.explain("Graph")).toMatchObject({ flow: "on-behalf-of", legs: [{ kind: "long-running" }] });
  }
  expect(grants()).toEqual(["jwt-bearer", "refresh_token", "refresh_token", "refresh_token"]);
});

test("an agent goes on too, with its own exchange token", async () => {
  const app = world.app();
  const [agent = ""] = world.emulator.agentIdentities.map(({ clientId }) => clientId);
  const session = (await (await world.request(app)).longRunning(sessionKey)).asAgent(agent);
  await session.headerFor("Graph");
  world.advance(day);
  const claims = decodeJwt((await session.headerFor("Graph")).slice("Bearer ".length));
  expect(claims).toMatchObject({ appid: agent, oid: world.emulator.users[0]?.id, idtyp: "user" });
  expect(grants()).toEqual(["client_credentials", "jwt-bearer", "client_credentials", "refresh_token"]);
});

test("a session of one user is no other user's", async () => {
  const app = world.app();
  const [adele, ben] = world.emulator.users;
  await (await (await world.request(app, adele?.id)).longRunning(sessionKey)).headerFor("Graph");
  const other = await world.request(app, ben?.id);
  await expect(other.longRunning(sessionKey)).rejects.toMatchObject({ code: "session_of_another_user", status: 403 });
});

test("an application has no user to go on for", async () => {
  const app = world.app();
  const auth = await app.authenticate({ authorization: `Bearer ${await world.emulator.mint("app")}` });
  await expect(auth.longRunning(sessionKey)).rejects.toMatchObject({ code: "app_only_caller", status: 403 });
});

test("an ended session is over, and one that never began is not there", async () => {
  const app = world.app();
  const session = await (await world.request(app)).longRunning(sessionKey);
  await session.headerFor("Graph");
  await app.end(sessionKey);
  await expect(session.headerFor("Graph")).rejects.toMatchObject({ code: "session_ended", status: 401 });
  await expect(app.longRunning(sessionKey)).rejects.toMatchObject({
    code: "session_ended",
    headers: { "WWW-Authenticate": expect.stringContaining("The session has ended") },
  });
  await expect(app.longRunning("never begun")).rejects.toMatchObject({ code: "session_ended" });
});

test("a session that Entra revoked is a clear error", async () => {
  const app = world.app();
  const token = await world.emulator.mint("user", { expiresIn: 3600 });
  const session = await (await app.authenticate({ authorization: `Bearer ${token}` })).longRunning(sessionKey);
  await session.headerFor("Graph");
  world.advance(2 * day);
  await world.emulator.faults.add({
    kind: "status",
    status: 400,
    aadsts: 50173,
    error: "invalid_grant",
    match: { endpoint: "token", grant: "refresh_token" },
  });
  await expect(session.headerFor("Graph")).rejects.toMatchObject({ code: "session_ended", status: 401, aadsts: 50173 });
});

test("a store that fails is an error here, because nothing else has the refresh token", async () => {
  const fails = async () => {
    throw new Error("ECONNREFUSED");
  };
  const app = world.app({
    tokenStore: { get: fails, set: fails, delete: fails },
    tokenStoreKeys: [randomBytes(32).toString("base64")],
  });
  const auth = await world.request(app);
  await expect(auth.longRunning(sessionKey)).rejects.toMatchObject({ code: "session_store_unavailable", status: 503 });
});
