import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.js";
import { decodeJwt } from "../io/decode.js";

const agent = "a9e00000-0000-4000-8000-000000000001";
const agentUser = { id: "a9e50000-0000-4000-8000-000000000001", username: "assistant1@contoso.example" };
const user = "05e40000-0000-4000-8000-000000000001";

let emulator: Emulator;
let env: Record<string, string>;
let userToken: string;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator();
  env = { ...emulator.env, AzureAd__AgentIdentity: agent };
  userToken = await emulator.mint("user");
  folder = mkdtempSync(join(tmpdir(), "agent-auth-cli-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await emulator.close();
});

/** Runs `agent-auth token` and returns the claims of the token that it prints. */
async function claimsOf(args: readonly string[], input = ""): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCli(["token", ...args], { env, input });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(1);
  return decodeJwt(stdout)?.claims ?? {};
}

describe("agent-auth token", () => {
  it.concurrent("prints an autonomous agent's token by default", async () => {
    expect(await claimsOf([])).toMatchObject({
      idtyp: "app",
      appid: agent,
      oid: agent,
      aud: "https://graph.microsoft.com",
      xms_act_fct: expect.stringContaining("11"),
    });
  });

  it.concurrent("prints an agent's token on behalf of a user in obo mode", async () => {
    expect(await claimsOf(["--mode", "obo", "--user-token", "-", "--scope", "User.Read"], userToken)).toMatchObject({
      idtyp: "user",
      appid: agent,
      oid: user,
      scp: expect.stringContaining("User.Read"),
    });
  });

  it.concurrent.each([
    ["--user-upn", agentUser.username],
    ["--user-id", agentUser.id],
  ])("prints an agent user's token in autonomous-user mode, by %s", async (option, value) => {
    const claims = await claimsOf(["--mode", "autonomous-user", option, value, "--scope", "User.Read,Mail.Read"]);
    expect(claims).toMatchObject({
      idtyp: "user",
      appid: agent,
      oid: agentUser.id,
      xms_sub_fct: expect.stringMatching(/13/),
    });
    expect(String(claims.scp).split(" ")).toEqual(expect.arrayContaining(["User.Read", "Mail.Read"]));
  });

  it.concurrent("understands the cmdlet's spellings", async () => {
    const { blueprint } = emulator;
    const { AzureAd__ClientId, AzureAd__AgentIdentity, ...others } = env;
    const secretFile = join(folder, "secret");
    writeFileSync(secretFile, `${blueprint.clientSecret}\n`);
    const result = await runCli(
      [
        "token",
        ...["-BlueprintAppId", blueprint.clientId, "-AgentIdentityAppId", agent, "-BlueprintSecret", secretFile],
        ...["-Mode", "AutonomousUser", "-UserUpn", agentUser.username, "-Scope", "User.Read"],
      ],
      { env: { ...others, AzureAd__ClientCredentials__0__ClientSecret: "wrong" } },
    );
    expect(result.stderr).toBe("");
    expect(decodeJwt(result.stdout)?.claims).toMatchObject({ oid: agentUser.id });
    expect([AzureAd__ClientId, AzureAd__AgentIdentity]).toEqual([blueprint.clientId, agent]);
  });

  it.concurrent("prints what is known of the token with --json", async () => {
    const { stdout } = await runCli(["token", "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      accessToken: expect.stringMatching(/^eyJ/),
      tokenType: "Bearer",
      tenantId: emulator.tenantId,
      expiresOn: expect.stringMatching(/^\d{4}-/),
    });
  });

  it.concurrent("prints header and claims without the token with --decode", async () => {
    const { stdout } = await runCli(["token", "--decode"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ header: { alg: "RS256" }, claims: { oid: agent } });
    expect(stdout).not.toContain("eyJ");
  });

  it("prints the legs without asking with --explain", async () => {
    emulator.clearRequests();
    const { stdout } = await runCli(
      ["token", "--mode", "autonomous-user", "--user-id", agentUser.id, "--scope", "User.Read", "--explain"],
      { env },
    );
    expect(stdout).toMatch(/token: agent-user\n {2}1\. exchange.*\n {2}2\. instance.*\n {2}3\. agent-user/);
    expect(emulator.requests).toHaveLength(0);
  });

  it.concurrent("takes the scopes of a configured service", async () => {
    const { stdout } = await runCli(["token", "--service", "Graph"], { env });
    expect(decodeJwt(stdout)?.claims).toMatchObject({ aud: "https://graph.microsoft.com" });
  });
});

describe("agent-auth token, called wrongly", () => {
  it.concurrent.each([
    ["an unknown option", ["--modus", "obo"], /unknown option '--modus'/],
    ["an unknown mode", ["--mode", "other"], /must be one of autonomous-app, obo, autonomous-user/],
    ["obo without a user's token", ["--mode", "obo"], /needs the user's token/],
    ["autonomous-user without a user", ["--mode", "autonomous-user"], /exactly one of --user-upn and --user-id/],
    [
      "autonomous-user with two names",
      ["--mode", "autonomous-user", "--user-upn", "a@b.example", "--user-id", agentUser.id],
      /exactly one of/,
    ],
    ["a user token in another mode", ["--user-token", "x"], /--user-token is for --mode obo/],
    ["an agent identity that is no GUID", ["--agent-identity", "assistant"], /GUID/],
    ["an unknown service", ["--service", "Nowhere"], /no service "Nowhere".*Configured: Graph/],
    ["a file that is not there", ["--secret-file", "/nowhere/secret"], /--secret-file: the file cannot be read/],
    ["empty standard input", ["--secret-file", "-"], /standard input holds nothing/],
  ])("exits with 2 and says in one line what to do: %s", async (_name, args, message) => {
    const { code, stdout, stderr } = await runCli(["token", ...args], { env });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it.concurrent("asks for the agent identity when nothing names it", async () => {
    const { code, stderr } = await runCli(["token"], { env: emulator.env });
    expect(stderr).toMatch(/--agent-identity <client id>, or AzureAd__AgentIdentity/);
    expect(code).toBe(2);
  });
});

describe("agent-auth token, refused", () => {
  it.concurrent.each([
    ["a wrong secret", { AzureAd__ClientCredentials__0__ClientSecret: "s3cret-wrong" }, [], /AADSTS7000215/],
    [
      "an unreachable Entra",
      { AzureAd__Instance: "http://127.0.0.1:1/" },
      [],
      /could not be reached at http:\/\/127\.0\.0\.1:1/,
    ],
    ["a user token that is none", {}, ["--mode", "obo", "--user-token", "nonsense"], /not a JWT|no JWT|JWT/],
  ])("exits with 1 and says in one line why: %s", async (_name, changes, args, message) => {
    const { code, stdout, stderr } = await runCli(["token", ...args], { env: { ...env, ...changes } });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("s3cret-wrong");
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });

  it.concurrent("refuses an app's token in obo mode rather than act as the agent itself", async () => {
    const appToken = await emulator.mint("app");
    const { code, stderr } = await runCli(["token", "--mode", "obo", "--user-token", "-"], { env, input: appToken });
    expect(stderr).toMatch(/A user must be present/);
    expect(code).toBe(1);
  });

  it.concurrent("shows stacks with --verbose alone", async () => {
    const changes = { ...env, AzureAd__Instance: "http://127.0.0.1:1/" };
    const { stderr } = await runCli(["token", "--verbose"], { env: changes });
    expect(stderr).toMatch(/\n\s+at /);
  });
});
