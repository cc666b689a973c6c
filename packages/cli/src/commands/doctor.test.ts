import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { defaultDirectory, type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expiredCertificate } from "../../test/expired-certificate.js";
import { runCli } from "../../test/run-cli.js";
import type { Finding } from "../doctor/finding.js";

const agent = "a9e00000-0000-4000-8000-000000000001";

let emulator: Emulator;
let env: Record<string, string>;
let folder: string;

beforeAll(async () => {
  const [blueprint] = defaultDirectory.blueprints ?? [];
  if (blueprint === undefined) throw new Error("the default directory has no blueprint");
  const expired = { value: "expired-secret", expires: "2020-01-01T00:00:00Z" };
  emulator = await startEmulator({
    directory: {
      ...defaultDirectory,
      blueprints: [{ ...blueprint, secrets: [...(blueprint.secrets ?? []), expired] }],
    },
  });
  env = { ...emulator.env, AzureAd__AgentIdentity: agent };
  folder = mkdtempSync(join(tmpdir(), "agent-auth-doctor-"));
  writeFileSync(join(folder, "expired.pem"), await expiredCertificate());
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await emulator.close();
});

async function examine(changes: Record<string, string | undefined> = {}, args: readonly string[] = []) {
  const merged = Object.entries({ ...env, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...args], {
    env: Object.fromEntries(merged),
    cwd: folder,
  });
  expect(stderr).toBe("");
  return { code, findings: JSON.parse(stdout) as Finding[], stdout };
}

describe("agent-auth doctor", () => {
  it("finds nothing wrong with a sound configuration, and tries each leg", async () => {
    const userToken = join(folder, "user.jwt");
    writeFileSync(userToken, await emulator.mint("user"));
    const { code, findings } = await examine({}, [
      ...["--user-token", `@${userToken}`, "--agent-user", "assistant1@contoso.example"],
    ]);
    expect(findings.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        ...[
          "configuration",
          "discovery",
          "keys",
          "clock",
          "credential",
          "Graph: exchange",
          "Graph: client-credentials",
        ],
        ...["Graph: on-behalf-of", "Graph: instance", "Graph: agent-user", "Graph: baseUrl"],
      ]),
    );
    expect(code).toBe(0);
  });

  it.concurrent.each([
    ["a tenant that is missing", { AzureAd__TenantId: undefined }, "configuration", /tenantId is required/],
    ["a client id that is no GUID", { AzureAd__ClientId: "my-app" }, "configuration", /clientId must be.*GUID/],
    [
      "a gate that is neither true nor false",
      { Sidecar__AllowOverrides__CallDownstreamApi: "yes" },
      "configuration",
      /Sidecar__AllowOverrides__CallDownstreamApi must be true or false/,
    ],
    [
      "an instance that is not there",
      { AzureAd__Instance: "http://127.0.0.1:1/" },
      "discovery",
      /cannot be reached.*AzureAd__Instance/,
    ],
    [
      "a tenant that does not exist",
      { AzureAd__TenantId: "7e4a0000-0000-4000-8000-00000000dead" },
      "discovery",
      /does not exist.*Correct AzureAd__TenantId/,
    ],
    [
      "a credential that is missing",
      { AzureAd__ClientCredentials__0__SourceType: undefined, AzureAd__ClientCredentials__0__ClientSecret: undefined },
      "credential",
      /No client credential is configured/,
    ],
    [
      "a certificate that is not there",
      {
        AzureAd__ClientCredentials__0__SourceType: "Path",
        AzureAd__ClientCredentials__0__CertificateDiskPath: "/nowhere/certificate.pem",
        AzureAd__ClientCredentials__0__ClientSecret: undefined,
      },
      "credential 0 (Path)",
      /certificate\.pem cannot be read/,
    ],
    [
      "a certificate that has expired",
      {
        AzureAd__ClientCredentials__0__SourceType: "Path",
        AzureAd__ClientCredentials__0__CertificateDiskPath: "expired.pem",
        AzureAd__ClientCredentials__0__ClientSecret: undefined,
      },
      "credential 0 (Path)",
      /expired on 2021-01-01; renew it/,
    ],
    [
      "a wrong secret",
      { AzureAd__ClientCredentials__0__ClientSecret: "planted-secret" },
      "credential",
      /AADSTS7000215.*value/,
    ],
    [
      "an expired secret",
      { AzureAd__ClientCredentials__0__ClientSecret: "expired-secret" },
      "credential",
      /AADSTS7000222.*new secret/,
    ],
    [
      "an app that the tenant does not know",
      { AzureAd__ClientId: "b1000000-0000-4000-8000-00000000dead" },
      "credential",
      /AADSTS700016.*clientId/,
    ],
    [
      "an agent identity that the tenant does not know",
      { AzureAd__AgentIdentity: "a9e00000-0000-4000-8000-00000000dead" },
      "Graph: exchange",
      /refused/,
    ],
    [
      "a scope of a resource that does not exist",
      { DownstreamApis__Graph__Scopes: "api://nowhere/access" },
      "Graph: client-credentials",
      /AADSTS500011.*scopes/,
    ],
    [
      "a service without scopes",
      { DownstreamApis__Graph__Scopes: undefined },
      "Graph: service_scopes_missing",
      /names no scopes/,
    ],
    [
      "a downstream API that is not there",
      { DownstreamApis__Graph__BaseUrl: "http://127.0.0.1:1/v1.0" },
      "Graph: baseUrl",
      /cannot be reached.*DownstreamApis__Graph__BaseUrl/,
    ],
  ] as [string, Record<string, string | undefined>, string, RegExp][])(
    "finds %s, says what to do, and exits with 1",
    async (_name, changes, check, detail) => {
      const { code, findings, stdout } = await examine(changes);
      expect(findings).toContainEqual({ check, status: "failed", detail: expect.stringMatching(detail) });
      expect(findings.every((finding) => !finding.detail.includes("\n"))).toBe(true);
      expect(stdout).not.toMatch(/planted-secret|expired-secret|emulator-blueprint-secret/);
      expect(code).toBe(1);
    },
  );

  it.concurrent("finds a misspelt key, and what it was meant to be", async () => {
    const { code, findings } = await examine({
      AzureAd__ClientCredentails__0__ClientSecret: "x",
      AzureAd__Tenantid2: "x",
    });
    expect(findings).toContainEqual({
      check: "configuration",
      status: "warning",
      detail: expect.stringMatching(
        /AzureAd:ClientCredentails:0:ClientSecret .* is not read\. Did you mean AzureAd:ClientCredentials:0:ClientSecret\?/,
      ),
    });
    expect(code).toBe(0);
  });

  it.concurrent("finds a file that is no JSON", async () => {
    const broken = mkdtempSync(join(tmpdir(), "agent-auth-broken-"));
    writeFileSync(join(broken, "appsettings.json"), "{ AzureAd: ");
    const { code, findings } = await examine({}, ["--directory", broken]);
    expect(findings).toEqual([
      {
        check: "configuration",
        status: "failed",
        detail: expect.stringMatching(/appsettings\.json is not valid JSON/),
      },
    ]);
    expect(code).toBe(1);
    rmSync(broken, { recursive: true });
  });

  it("prints a line for each check, and a summary", async () => {
    const { stdout, code } = await runCli(["doctor"], { env, cwd: folder });
    expect(stdout).toMatch(/^ok +configuration: tenant /);
    expect(stdout).toMatch(/\nskipped +Graph: on-behalf-of: Not tried.*--user-token @file/);
    expect(stdout).toMatch(/\nNo check failed\.\n$/);
    expect(stdout).not.toContain("\u001b[");
    expect(code).toBe(0);
  });
});

describe("agent-auth doctor, with a clock that is wrong", () => {
  it("finds it by what Entra's answers say of the time", async () => {
    const proxy = createServer((request, response) => void forward(request, response));
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const instance = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`;
    const { code, findings } = await examine({ AzureAd__Instance: instance });
    expect(findings.find(({ check }) => check === "clock")).toMatchObject({
      status: "failed",
      detail: expect.stringMatching(/clock is (89\d|90\d) seconds behind Entra's.*NTP/),
    });
    expect(code).toBe(1);
    proxy.close();
  });
});

/** Passes a request on to the emulator, and says in the answer that it is a quarter of an hour later. */
async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${emulator.url}${request.url}`, {
    method: request.method ?? "GET",
    headers: { "content-type": request.headers["content-type"] ?? "text/plain" },
    ...(request.method === "POST" && { body: await text(request) }),
  });
  const date = new Date(Date.now() + 900_000).toUTCString();
  response.writeHead(answer.status, { "content-type": "application/json", date }).end(await answer.text());
}
