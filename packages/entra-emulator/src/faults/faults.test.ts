import { setTimeout as sleep } from "node:timers/promises";
import { decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { firstAgent, forms, postToken, t1For } from "../../test/token-client.js";
import { type Emulator, startEmulator } from "../emulator.js";
import { faultKinds } from "./schema.js";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.close());

const t1 = () => postToken(emulator, forms.t1(emulator, firstAgent(emulator).agent));
const tokenUrl = () => `${emulator.url}/${emulator.tenantId}/oauth2/v2.0/token`;
const rawT1 = (signal?: AbortSignal) =>
  fetch(tokenUrl(), {
    method: "POST",
    body: new URLSearchParams(forms.t1(emulator, firstAgent(emulator).agent)),
    ...(signal ? { signal } : {}),
  });
const graphToken = () =>
  emulator.mint("user", {
    audience: "https://graph.microsoft.com",
    scopes: ["User.Read"],
    user: "adele@contoso.example",
  });
const me = (token: string) => fetch(`${emulator.url}/graph/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
const post = (body: unknown) =>
  fetch(`${emulator.url}/_emulator/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("scripted faults", () => {
  it("answer the next N matching requests with a status and Retry-After, then step aside", async () => {
    await post({ kind: "status", status: 429, retryAfter: 7, times: 2, match: { endpoint: "token" } });
    const answers = [await rawT1(), await rawT1(), await rawT1()];
    expect(answers.map((answer) => [answer.status, answer.headers.get("retry-after")])).toEqual([
      [429, "7"],
      [429, "7"],
      [200, null],
    ]);
    expect(await answers[0]?.json()).toMatchObject({ error: "temporarily_unavailable", error_codes: [50196] });
    expect(emulator.requests.map(({ outcome }) => [outcome.status, outcome.fault])).toEqual([
      [429, "status"],
      [429, "status"],
      [200, undefined],
    ]);
  });

  it("hit only the grant, client and user they name", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    await emulator.faults.add({
      kind: "status",
      status: 503,
      times: 9,
      match: { grant: "user_fic", user: agentUser.id },
    });
    await emulator.faults.add({
      kind: "status",
      status: 500,
      times: 9,
      match: { clientId: emulator.agentIdentities[1]?.clientId ?? "" },
    });
    await emulator.faults.add({ kind: "status", status: 502, times: 9, match: { user: "ben@contoso.example" } });
    const token = await t1For(emulator, agent);
    const userFic = await postToken(emulator, forms.userFic(agent, token, "t2", { user_id: agentUser.id }));
    const other = emulator.agentIdentities[1]?.clientId ?? "";
    const byClient = await postToken(emulator, forms.agent(other, "x"));
    const adele = await emulator.mint("user", { user: "adele@contoso.example" });
    const ben = await emulator.mint("user", { user: "ben@contoso.example" });
    const forAdele = await postToken(emulator, forms.onBehalfOf(agent, token, adele));
    const forBen = await postToken(emulator, forms.onBehalfOf(agent, token, ben));
    expect([userFic, byClient, forAdele, forBen].map(({ status }) => status)).toEqual([503, 500, 200, 502]);
  });

  it("delay an answer", async () => {
    await emulator.faults.add({ kind: "delay", milliseconds: 60 });
    const before = performance.now();
    expect((await t1()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });

  it("reset the connection, and the request is still on record", async () => {
    await emulator.faults.add({ kind: "reset" });
    await expect(rawT1()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(emulator.requests.map(({ outcome }) => outcome)).toEqual([{ status: 0, fault: "reset" }]);
    expect((await t1()).status).toBe(200);
  });

  it("break off in the middle of the body", async () => {
    await emulator.faults.add({ kind: "truncate" });
    const response = await rawT1();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/terminated|other side closed/);
    expect((await t1()).status).toBe(200);
  });

  it("answer with another content type", async () => {
    await emulator.faults.add({ kind: "content-type" });
    const response = await rawT1();
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(await response.json()).toHaveProperty("access_token");
  });

  it("hang until the client gives up", async () => {
    await emulator.faults.add({ kind: "hang" });
    const client = new AbortController();
    const hanging = rawT1(client.signal).catch((error: Error) => error.name);
    await expect.poll(() => emulator.requests.length, { timeout: 30_000 }).toBe(1);
    expect(await Promise.race([hanging, sleep(50, "still waiting")])).toBe("still waiting");
    client.abort();
    expect(await hanging).toBe("AbortError");
    expect((await t1()).status).toBe(200);
  });

  it("do not keep the emulator from closing while one hangs", async () => {
    await emulator.faults.add({ kind: "hang" });
    const hanging = rawT1().catch((error: Error) => error);
    await expect.poll(() => emulator.requests.length, { timeout: 30_000 }).toBe(1);
    await emulator.close();
    expect(await hanging).toBeInstanceOf(Error);
  });

  it("hit the key endpoint, the metadata and Graph as well", async () => {
    await post([
      { kind: "status", status: 503, match: { endpoint: "keys" } },
      { kind: "status", status: 500, match: { endpoint: "metadata" }, body: { broken: true } },
      { kind: "status", status: 429, retryAfter: 1, match: { endpoint: "graph", user: "adele@contoso.example" } },
    ]);
    const tenant = `${emulator.url}/${emulator.tenantId}`;
    const keys = await fetch(`${tenant}/discovery/v2.0/keys`);
    const metadata = await fetch(`${tenant}/v2.0/.well-known/openid-configuration`);
    const graph = await me(await graphToken());
    expect([keys.status, metadata.status, graph.status]).toEqual([503, 500, 429]);
    expect(await metadata.json()).toEqual({ broken: true });
    expect(await graph.json()).toMatchObject({ error: { code: "TooManyRequests" } });
    expect((await fetch(`${tenant}/discovery/v2.0/keys`)).status).toBe(200);
  });

  it("are listed, and cleared by DELETE together with the clock's offset", async () => {
    await post([
      { kind: "hang", times: 3 },
      { kind: "clock-offset", seconds: 120 },
    ]);
    const listed = await (await fetch(`${emulator.url}/_emulator/faults`)).json();
    expect(listed).toMatchObject({ pending: [{ kind: "hang", times: 3 }], clockOffset: 120 });
    expect((await fetch(`${emulator.url}/_emulator/faults`, { method: "DELETE" })).status).toBe(204);
    expect(await (await fetch(`${emulator.url}/_emulator/faults`)).json()).toEqual({ pending: [], clockOffset: 0 });
    expect((await t1()).status).toBe(200);
  });

  it("are refused with the kinds that exist when unknown, and with the property when malformed", async () => {
    const unknown = await post({ kind: "explode" });
    const malformed = await post({ kind: "status", status: 200 });
    const nobody = await post({ kind: "revoke-user", user: "nobody@contoso.example" });
    const messages = await Promise.all(
      [unknown, malformed, nobody].map(async (answer) => [
        answer.status,
        ((await answer.json()) as { message: string }).message,
      ]),
    );
    expect(messages).toEqual([
      [400, `Unknown fault 'explode'. Use one of: ${faultKinds.join(", ")}.`],
      [400, expect.stringContaining("Invalid fault 'status': status:")],
      [400, "The directory has no user 'nobody@contoso.example' to revoke."],
    ]);
  });
});

describe("keys", () => {
  const kids = async () => {
    const response = await fetch(`${emulator.url}/${emulator.tenantId}/discovery/v2.0/keys`);
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };

  it("rotate with overlap: the old key stays published and old tokens stay good", async () => {
    const old = await graphToken();
    const kid = await emulator.rotateKeys();
    expect(await kids()).toEqual([kid, decodeProtectedHeader(old).kid]);
    expect(decodeProtectedHeader(await graphToken()).kid).toBe(kid);
    expect((await me(old)).status).toBe(200);
  });

  it("rotate without overlap: old tokens are refused", async () => {
    const old = await graphToken();
    await post({ kind: "rotate-keys", overlap: false });
    expect(await kids()).not.toContain(decodeProtectedHeader(old).kid);
    expect((await me(old)).status).toBe(401);
    expect((await me(await graphToken())).status).toBe(200);
  });

  it("never repeat, however often they rotate", async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 4; i += 1) seen.add(await emulator.rotateKeys({ overlap: false }));
    expect(seen.size).toBe(4);
  });
});

describe("a revoked user", () => {
  it("gets a claims challenge from Graph until a token obtained with those claims comes", async () => {
    const { agent } = firstAgent(emulator);
    const token = await t1For(emulator, agent);
    const inbound = await emulator.mint("user", { user: "adele@contoso.example" });
    const exchange = (claims?: string) =>
      postToken(emulator, { ...forms.onBehalfOf(agent, token, inbound), ...(claims ? { claims } : {}) });
    const before = await exchange();
    await post({ kind: "revoke-user", user: "adele@contoso.example" });

    const challenged = await me(before.accessToken);
    expect(challenged.status).toBe(401);
    const header = challenged.headers.get("www-authenticate") ?? "";
    expect(header).toContain('error="insufficient_claims"');
    const claims = Buffer.from(/claims="([^"]+)"/.exec(header)?.[1] ?? "", "base64").toString();
    expect(JSON.parse(claims)).toMatchObject({ access_token: { nbf: { essential: true } } });

    expect((await me((await exchange()).accessToken)).status).toBe(401);
    expect((await me((await exchange(claims)).accessToken)).status).toBe(200);
    const other = await emulator.mint("user", {
      user: "ben@contoso.example",
      audience: "https://graph.microsoft.com",
      scopes: ["User.Read"],
    });
    expect((await me(other)).status).toBe(200);
  });
});

describe("the clock", () => {
  it("moves token lifetimes and what counts as expired", async () => {
    const token = await graphToken();
    emulator.advance(3601);
    expect((await me(token)).status).toBe(401);
    expect((await me(await graphToken())).status).toBe(200);
    emulator.advance(-3601);
    expect((await me(token)).status).toBe(200);
  });
});
