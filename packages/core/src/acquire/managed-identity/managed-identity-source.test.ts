import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NetworkClient } from "../wire/network-client.js";
import { managedIdentitySource } from "./managed-identity-source.js";

const resource = "api://AzureADTokenExchange";
const secret = "arc-s3cret";

let emulator: Emulator;
let folder: string;
let keyPath: string;
/** What the endpoint challenges with; `undefined` = it does not. */
let challenge: string | undefined;
let requests: IncomingMessage[];

/** Azure Arc's endpoint: wants the content of a file that it names, then answers as the emulator's IMDS does. */
const arc = createServer(async (request, response) => {
  requests.push(request);
  if (request.headers.authorization !== `Basic ${secret}`) {
    response.writeHead(401, challenge === undefined ? {} : { "WWW-Authenticate": challenge }).end();
    return;
  }
  const { search } = new URL(request.url ?? "", "http://arc");
  const answer = await fetch(
    `${emulator.url}/metadata/identity/oauth2/token${search.replace("2019-11-01", "2018-02-01")}`,
    {
      headers: { Metadata: String(request.headers.metadata) },
    },
  );
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
});

beforeAll(async () => {
  emulator = await startEmulator();
  folder = mkdtempSync(join(tmpdir(), "agent-auth-arc-"));
  keyPath = join(folder, "one.key");
  await new Promise<void>((resolve) => arc.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  arc.close();
  arc.closeAllConnections();
  rmSync(folder, { recursive: true });
  await emulator.close();
});

beforeEach(() => {
  requests = [];
  writeFileSync(keyPath, secret);
  challenge = `Basic realm=${keyPath}`;
});

async function ask(clientId?: string) {
  const address = `http://127.0.0.1:${(arc.address() as AddressInfo).port}`;
  const env = { IDENTITY_ENDPOINT: `${address}/metadata/identity/oauth2/token`, IMDS_ENDPOINT: address };
  const network = new NetworkClient({ fetch, maxRetries: 0, budgetMs: 60_000 });
  const source = managedIdentitySource(env, folder);
  expect(source.name).toBe("Azure Arc");
  await source.send({ resource, clientId }, network);
  return network.response;
}

describe("Azure Arc", () => {
  test("gives a token to who can read the key that it names", async () => {
    const answer = await ask();
    expect(decodeJwt(String(answer?.body.access_token))).toMatchObject({ idtyp: "app" });
    expect(requests.map(({ headers }) => [headers.metadata, headers.authorization])).toEqual([
      ["true", undefined],
      ["true", `Basic ${secret}`],
    ]);
  });

  test("may quote the name", async () => {
    challenge = `Basic realm="${keyPath}"`;
    expect((await ask())?.status).toBe(200);
  });

  test.each([
    ["a file elsewhere", () => `Basic realm=${join(tmpdir(), "elsewhere.key")}`, /outside of/],
    ["a file below", () => `Basic realm=${join(folder, "deeper", "one.key")}`, /outside of/],
    ["a way out", () => `Basic realm=${folder}/../one.key`, /outside of/],
    ["a file of another kind", () => `Basic realm=${join(folder, "passwd")}`, /outside of/],
    ["nothing", () => undefined, /no challenge/],
    ["another scheme", () => "Bearer", /no challenge/],
  ] as [string, () => string | undefined, RegExp][])(
    "is not followed to %s, and no secret is sent",
    async (_name, of, message) => {
      challenge = of();
      await expect(ask()).rejects.toThrow(message);
      expect(requests).toHaveLength(1);
    },
  );

  test("is not sent a file that is too long to be a key", async () => {
    writeFileSync(keyPath, "x".repeat(5_000));
    await expect(ask()).rejects.toThrow(/too long/);
    expect(requests).toHaveLength(1);
  });

  test("knows no user-assigned identities", async () => {
    await expect(ask(emulator.tenantId)).rejects.toThrow(/system-assigned identity alone/);
    expect(requests).toHaveLength(0);
  });
});

test.each([
  [{ IDENTITY_ENDPOINT: "http://x", IDENTITY_HEADER: "h" }, "App Service"],
  [{ IDENTITY_ENDPOINT: "http://x", IDENTITY_HEADER: "h", IMDS_ENDPOINT: "http://y" }, "App Service"],
  [{}, "the Instance Metadata Service"],
  [{ IDENTITY_HEADER: "h" }, "the Instance Metadata Service"],
])("%j means %s", (env, name) => {
  expect(managedIdentitySource(env).name).toBe(name);
});
