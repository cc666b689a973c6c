import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, firstLine, runCli, startCli } from "../test/run-cli.js";

let emulator: Emulator;
let folder: string;
beforeAll(async () => {
  emulator = await startEmulator();
  folder = mkdtempSync(join(tmpdir(), "agent-auth-cli-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await emulator.close();
});

describe("agent-auth", () => {
  it.concurrent.each(["token", "validate", "doctor", "sidecar", "completion"])(
    "%s has a help with examples",
    async (command) => {
      const { code, stdout } = await runCli([command, "--help"]);
      expect(stdout).toMatch(/Examples:\n {2}\$ /);
      expect(code).toBe(0);
    },
  );

  it.concurrent("exits with 2 for an unknown command", async () => {
    const { code, stderr } = await runCli(["tokens"]);
    expect(stderr).toMatch(/unknown command 'tokens'/);
    expect(code).toBe(2);
  });

  it.concurrent("documents its exit codes", async () => {
    expect((await runCli(["--help"])).stdout).toMatch(/Exit codes: 0 done, 1 it failed, 2 /);
  });
});

describe("agent-auth sidecar", () => {
  it("prints its URL as one line of JSON, serves, and ends with 0 on SIGTERM after what is under way", async () => {
    const child = startCli(["sidecar", "--port", "0", "--json"], { env: emulator.env, cwd: folder });
    const ending = ended(child);
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    expect(await (await fetch(`${url}/healthz`)).text()).toBe("Healthy");
    await emulator.faults.add({ kind: "delay", milliseconds: 300, match: { endpoint: "token" } });
    const headers = { authorization: `Bearer ${await emulator.mint("user")}` };
    const underWay = fetch(`${url}/AuthorizationHeader/Graph`, { headers });
    await expect.poll(() => emulator.faults.pending).toHaveLength(0);
    child.kill("SIGTERM");
    expect((await underWay).status).toBe(200);
    expect(await ending).toBe(0);
  });

  it.concurrent("says in one line that a port is in use, and exits with 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await runCli(["sidecar", "--port", String(port)], { env: emulator.env, cwd: folder });
    expect(stderr).toMatch(new RegExp(`port ${port} is in use. .*--port`));
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
    taken.close();
  });

  it.concurrent.each([
    ["a port that is none", ["--port", "http"], {}, /0 to 65535/],
    ["a socket and a port", ["--port", "0", "--socket", "/tmp/x"], {}, /cannot be used with/],
    ["a configuration without a client", [], { AzureAd__ClientId: "" }, /clientId is required/],
  ])("exits with 2 for %s", async (_name, args, changes, message) => {
    const env = { ...emulator.env, ...changes };
    const { code, stderr } = await runCli(["sidecar", ...args], { env, cwd: folder });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("agent-auth emulator", () => {
  it("is the emulator with its own options", async () => {
    const child = startCli(["emulator", "--port", "0", "--json"], { cwd: folder });
    const ending = ended(child);
    const { url, tenantId } = JSON.parse(await firstLine(child)) as { url: string; tenantId: string };
    const response = await fetch(`${url}/${tenantId}/v2.0/.well-known/openid-configuration`);
    expect(response.status).toBe(200);
    child.kill("SIGTERM");
    expect(await ending).toBe(0);
  });

  it.concurrent("passes --help on", async () => {
    const { stdout } = await runCli(["emulator", "--help"]);
    expect(stdout).toMatch(/--workload-token/);
  });
});

describe("agent-auth config print", () => {
  it("prints each value, masks secrets, and says where each came from", async () => {
    writeFileSync(
      join(folder, "appsettings.json"),
      JSON.stringify({
        AzureAd: { ClientCredentials: [{ CertificatePassword: "file-secret" }], TenantId: "from-file" },
      }),
    );
    const env = { ...emulator.env, TokenCache__RedisConnection: "redis:6379,password=planted", PORT: "5100" };
    const { code, stdout } = await runCli(["config", "print", "--json"], { env, cwd: folder });
    const values = JSON.parse(stdout);
    expect(values).toContainEqual({
      key: "AzureAd:TenantId",
      value: emulator.tenantId,
      source: "variable AzureAd__TenantId",
    });
    expect(values).toContainEqual({
      key: "AzureAd:ClientCredentials:0:CertificatePassword",
      value: "********",
      source: "appsettings.json",
    });
    expect(values).toContainEqual(expect.objectContaining({ key: "TokenCache:RedisConnection", value: "********" }));
    expect(values).toContainEqual(expect.objectContaining({ key: "PORT", value: "5100" }));
    expect(values).toContainEqual({ key: "Sidecar:Metrics", value: "false", source: "default" });
    expect(stdout).not.toMatch(/planted|file-secret|emulator-blueprint-secret|PATH/);
    expect(code).toBe(0);
    const table = await runCli(["config", "print"], { env, cwd: folder });
    expect(table.stdout).toMatch(
      /AzureAd:ClientCredentials:0:ClientSecret +\*{8} +\(variable AzureAd__ClientCredentials__0__ClientSecret\)/,
    );
    rmSync(join(folder, "appsettings.json"));
  });
});

describe("agent-auth completion", () => {
  it.concurrent.each([
    ["bash", /token\) words=".*--agent-identity/],
    ["zsh", /#compdef agent-auth[\s\S]*compadd token validate doctor/],
    ["fish", /complete -c agent-auth -n "__fish_seen_subcommand_from token" -l agent-identity/],
  ])("completes commands and options in %s", async (shell, pattern) => {
    const { code, stdout } = await runCli(["completion", shell]);
    expect(stdout).toMatch(pattern);
    expect(code).toBe(0);
  });

  it("is a script that bash can use", async () => {
    const { stdout } = await runCli(["completion", "bash"]);
    const { execFileSync } = await import("node:child_process");
    const completed = execFileSync("bash", [
      "-c",
      `${stdout}\nCOMP_WORDS=(agent-auth tok); COMP_CWORD=1; _agent_auth; echo "\${COMPREPLY[@]}"`,
    ]);
    expect(completed.toString().trim()).toBe("token");
  });
});
