import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { send } from "@agent-auth/adapter-contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "../test/world.js";

const python = "/usr/bin/python3";
const folder = join(import.meta.dirname, "../test/python");
const run = promisify(execFile);

const present = await run(python, ["-c", "import flask, requests"]).then(
  () => true,
  () => false,
);
// On a developer's machine Debian's Python may be missing; where the gate runs it may not.
const missing = !present && process.env.CI !== "true";

describe.skipIf(missing)("the Python client of the Entra SDK's documentation", () => {
  let world: World;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    world = await startWorld();
    const { emulator } = world;
    const [agentUser] = emulator.agentUsers;
    env = {
      PATH: process.env.PATH,
      PYTHONDONTWRITEBYTECODE: "1",
      SIDECAR_URL: world.url,
      EMULATOR_URL: emulator.url,
      USER_TOKEN: await emulator.mint("user"),
      APP_TOKEN: await emulator.mint("app"),
      TENANT: emulator.tenantId,
      AGENT_IDENTITY: agentUser?.agentIdentity,
      AGENT_USERNAME: agentUser?.username,
      AGENT_USER: agentUser?.id,
      OUTAGE: "6",
    };
  });
  afterAll(() => world.close());

  it("gets headers, reads, writes, and meets errors as against the container", async () => {
    const { stderr } = await run(python, ["-m", "unittest", "-v", "client_test.ClientTest"], { cwd: folder, env });
    expect(stderr).toMatch(/Ran 10 tests[\s\S]*OK/);
  });

  it("retries through an outage of Entra", async () => {
    const { stderr } = await run(python, ["-m", "unittest", "-v", "client_test.RetryTest"], { cwd: folder, env });
    expect(stderr).toMatch(/Ran 1 test[\s\S]*OK/);
  });

  it("serves a profile, messages and mail from Flask", async () => {
    const flask = spawn(python, ["flask_app.py"], { cwd: folder, env });
    try {
      const url = await firstLine(flask);
      const authorization = `Bearer ${env.USER_TOKEN}`;
      const profile = await send(`${url}/api/profile`, { headers: { authorization } });
      expect(profile.json()).toMatchObject({ displayName: "Adele Vance", userPrincipalName: "adele@contoso.example" });
      const anonymous = await send(`${url}/api/profile`);
      expect([anonymous.status, anonymous.json().error]).toEqual([401, "No authorization token provided"]);
      const messages = await send(`${url}/api/messages`, { headers: { authorization } });
      expect(messages.json()).toHaveProperty("value");
      const mail = {
        subject: "From Flask",
        body: { contentType: "Text", content: "Hello" },
        toRecipients: [{ emailAddress: { address: "ben@contoso.example" } }],
      };
      const sent = await send(`${url}/api/messages/send`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(mail),
      });
      expect(sent.json()).toEqual({ success: true, result: null });
      expect(world.emulator.resourceRequests.at(-1)).toMatchObject({ method: "POST" });
    } finally {
      flask.kill();
    }
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the process has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("Flask did not start");
}
