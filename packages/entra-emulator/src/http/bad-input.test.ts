import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { firstAgent, forms, postToken } from "../../test/token-client.js";
import { type Emulator, startEmulator } from "../emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const send = async (path: string, init: RequestInit) => {
  const response = await fetch(`${emulator.url}${path}`, { method: "POST", ...init });
  const text = await response.text();
  return { status: response.status, text };
};
const json = { "content-type": "application/json" };

it("answers bad input with one line and stays alive", async () => {
  const token = `/${emulator.tenantId}/oauth2/v2.0/token`;
  const answers = [
    await send("/_emulator/tokens", { headers: json, body: "{" }),
    await send("/_emulator/tokens", {
      headers: json,
      body: JSON.stringify({ kind: "user", claims: { x: "x".repeat(300_000) } }),
    }),
    await send("/_emulator/tokens", { headers: json, body: JSON.stringify({ kind: "user", user: "nobody" }) }),
    await send("/_emulator/tokens", { headers: json, body: JSON.stringify({ kind: "user", audiance: "x" }) }),
    await send("/_emulator/faults", { headers: json, body: "null" }),
    await send("/nowhere", {}),
    await send(token, { headers: { "content-type": "text/plain" }, body: "grant_type=client_credentials" }),
    await send(token, { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "%%%=%zz&&&=" }),
    await send(`/${"x".repeat(500)}/oauth2/v2.0/token`, {}),
    await send("/graph/v1.0/me", { headers: { ...json, authorization: "Bearer a.b.c" }, body: "{" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 413, 400, 400, 400, 404, 400, 400, 414, 401]);
  for (const { text } of answers) expect(text.trim().split("\n")).toHaveLength(1);
  expect(answers[1]?.text).toContain("larger than 262144 bytes");
  expect(answers[2]?.text).toContain("nobody");
  expect(answers[3]?.text).toContain("audiance");
  const { agent } = firstAgent(emulator);
  expect((await postToken(emulator, forms.t1(emulator, agent))).status).toBe(200);
});

it("outlives a client that speaks no HTTP or leaves in the middle", async () => {
  const port = Number(new URL(emulator.url).port);
  for (const text of ["NONSENSE\r\n\r\n", "POST /x/oauth2/v2.0/token HTTP/1.1\r\ncontent-length: 100\r\n\r\ngrant"]) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.on("error", () => undefined).resume();
    socket.write(text);
    socket.destroy();
    await once(socket, "close");
  }
  const { agent } = firstAgent(emulator);
  expect((await postToken(emulator, forms.t1(emulator, agent))).status).toBe(200);
});

it("lets a web page reach the token endpoint, but not the endpoints that mint", async () => {
  const origin = "https://site.example";
  const allowed = async (path: string) => {
    const preflight = await fetch(`${emulator.url}${path}`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    const answer = await fetch(`${emulator.url}${path}`, { method: "POST", headers: { origin } });
    return [preflight, answer].map((response) => response.headers.get("access-control-allow-origin"));
  };
  expect(await allowed(`/${emulator.tenantId}/oauth2/v2.0/token`)).toEqual(["*", "*"]);
  expect(await allowed("/_emulator/tokens")).toEqual([null, null]);
});
