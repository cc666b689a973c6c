import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientCertificate, createClientCertificate } from "../../test/certificate.js";
import { firstAgent } from "../../test/token-client.js";
import { defaultDirectory } from "../directory/default-directory.js";
import { type Emulator, startEmulator } from "../emulator.js";

let emulator: Emulator;
let certificate: ClientCertificate;
beforeAll(async () => {
  certificate = await createClientCertificate();
  const applications = (defaultDirectory.applications ?? []).map((application) => ({
    ...application,
    certificates: [{ pem: certificate.pem }],
  }));
  emulator = await startEmulator({ https: true, directory: { ...defaultDirectory, applications } });
});
afterAll(() => emulator.close());

type Flows = Record<"autonomous" | "byId" | "byName" | "onBehalfOf" | "certified", JWTPayload> & { refused: string };

async function runMsal(): Promise<Flows> {
  const script = fileURLToPath(new URL("../../test/msal-flows.mjs", import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: emulator.caPath },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const input = {
    description: emulator.describe(),
    inbound: await emulator.mint("user"),
    certificate: {
      thumbprintSha256: Buffer.from(certificate.x5tS256, "base64url").toString("hex"),
      privateKey: certificate.privateKey.export({ format: "pem", type: "pkcs8" }),
    },
  };
  child.stdin.end(JSON.stringify(input));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  await once(child, "close");
  return JSON.parse(output) as Flows;
}

describe("over https", () => {
  it("runs unmodified msal-node through the three agent flows, and with a certificate", async () => {
    const { agent, agentUser } = firstAgent(emulator);
    const flows = await runMsal();
    expect(flows.autonomous).toMatchObject({ idtyp: "app", appid: agent, oid: agent, roles: ["User.Read.All"] });
    for (const claims of [flows.byId, flows.byName]) {
      expect(claims).toMatchObject({ idtyp: "user", appid: agent, oid: agentUser.id, xms_sub_fct: "13 1" });
    }
    expect(flows.onBehalfOf).toMatchObject({ idtyp: "user", appid: agent, oid: emulator.users[0]?.id });
    expect(flows.certified).toMatchObject({ idtyp: "app", azp: emulator.clientApp.clientId, azpacr: "2" });
    expect(flows.refused).toMatch(/unauthorized_client.*AADSTS700016/s);
    const names = {
      [agent]: "agent",
      [emulator.blueprint.clientId]: "blueprint",
      [emulator.clientApp.clientId]: "client",
    };
    const nameOf = (clientId: string) => names[clientId];
    expect(emulator.requests.map(({ grant, clientId }) => [grant, nameOf(clientId)])).toEqual([
      ["client_credentials", "blueprint"],
      ["client_credentials", "agent"],
      ["client_credentials", "agent"],
      ["user_fic", "agent"],
      ["user_fic", "agent"],
      ["urn:ietf:params:oauth:grant-type:jwt-bearer", "agent"],
      ["client_credentials", "client"],
      ["client_credentials", "blueprint"],
    ]);
  });

  it("resets a connection when a fault says so", async () => {
    await emulator.faults.add({ kind: "reset", match: { endpoint: "metadata" } });
    const ca = await readFile(emulator.caPath ?? "");
    const outgoing = request(`${emulator.url}/common/discovery/instance`, { ca });
    outgoing.end();
    const [error] = (await once(outgoing, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
  });

  it("is refused by a client that does not trust its authority", async () => {
    const failed = request(`${emulator.url}/common/discovery/instance`);
    failed.end();
    const [error] = (await once(failed, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
  });
});
