import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstAgent } from "../../test/token-client.js";
import { type Emulator, startEmulator } from "../emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ https: true });
});
afterAll(() => emulator.close());

type Flows = Record<"autonomous" | "byId" | "byName" | "onBehalfOf", JWTPayload> & { refused: string };

async function runMsal(): Promise<Flows> {
  const script = fileURLToPath(new URL("../../test/msal-flows.mjs", import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: emulator.caPath },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify({ description: emulator.describe(), inbound: await emulator.mint("user") }));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  await once(child, "close");
  return JSON.parse(output) as Flows;
}

describe("over https", () => {
  it("runs unmodified msal-node through the three agent flows", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    const flows = await runMsal();
    expect(flows.autonomous).toMatchObject({ idtyp: "app", appid: agent, oid: agent, roles: ["User.Read.All"] });
    for (const claims of [flows.byId, flows.byName]) {
      expect(claims).toMatchObject({ idtyp: "user", appid: agent, oid: agentUser.id, xms_sub_fct: "13 1" });
    }
    expect(flows.onBehalfOf).toMatchObject({ idtyp: "user", appid: agent, oid: emulator.users[0]?.id });
    expect(flows.refused).toMatch(/unauthorized_client.*AADSTS700016/s);
    expect(emulator.requests.map(({ grant, clientId }) => [grant, clientId === agent ? "agent" : "blueprint"])).toEqual(
      [
        ["client_credentials", "blueprint"],
        ["client_credentials", "agent"],
        ["client_credentials", "agent"],
        ["user_fic", "agent"],
        ["user_fic", "agent"],
        ["urn:ietf:params:oauth:grant-type:jwt-bearer", "agent"],
        ["client_credentials", "blueprint"],
      ],
    );
  });

  it("is refused by a client that does not trust its authority", async () => {
    const failed = request(`${emulator.url}/common/discovery/instance`);
    failed.end();
    const [error] = (await once(failed, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
  });
});
