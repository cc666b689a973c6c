import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EmulatorDescription } from "./description.js";

const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
let directory: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "emulator-bin-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rm(directory, { recursive: true }));

function run(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += String(chunk);
  });
  return {
    output,
    child,
    exit: once(child, "close").then(([code]) => code as number | null),
    async firstLine() {
      await expect.poll(() => output.stdout, { timeout: 30_000 }).toContain("\n");
      return output.stdout.split("\n")[0] ?? "";
    },
  };
}

describe("the command", () => {
  it("prints one line of JSON when it is ready, and stops on SIGTERM", async () => {
    const { child, exit, output, firstLine } = run("--port", "0", "--json");
    const description = JSON.parse(await firstLine()) as EmulatorDescription;
    expect(Object.keys(description)).toEqual(
      expect.arrayContaining(["url", "tenantId", "blueprint", "agentIdentities", "agentUsers", "users", "env"]),
    );
    expect(Object.keys(description.blueprint)).toEqual(["clientId", "clientSecret", "appIdUri"]);
    expect(description.env.AzureAd__Instance).toBe(`${description.url}/`);
    expect((await fetch(`${description.url}/common/discovery/instance`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    expect(output).toMatchObject({ stderr: "" });
    expect(output.stdout.trim().split("\n")).toHaveLength(1);
  });

  it("prints the CA's path with --https, and removes the file when it stops", async () => {
    const { child, exit, firstLine } = run("--https", "--json");
    const { caPath = "", url, env } = JSON.parse(await firstLine()) as EmulatorDescription;
    expect(url).toMatch(/^https:/);
    expect(env.NODE_EXTRA_CA_CERTS).toBe(caPath);
    expect(await readFile(caPath, "utf8")).toContain("BEGIN CERTIFICATE");
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    await expect(readFile(caPath)).rejects.toThrow("ENOENT");
  });

  it("serves a directory file and projects a workload identity token", async () => {
    const file = join(directory, "directory.json");
    const token = join(directory, "token");
    const tenant = "12345678-0000-4000-8000-000000000001";
    await writeFile(file, JSON.stringify({ tenants: [{ id: tenant, domain: "own.example" }] }));
    const { firstLine } = run("--directory", file, "--workload-token", token, "--json");
    const description = JSON.parse(await firstLine()) as EmulatorDescription;
    expect(description.tenantId).toBe(tenant);
    expect(description.env.AZURE_FEDERATED_TOKEN_FILE).toBe(token);
    expect((await readFile(token, "utf8")).split(".")).toHaveLength(3);
  });

  it("says in one line what is wrong and how to put it right", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as AddressInfo;
    const invalid = join(directory, "invalid.json");
    await writeFile(invalid, JSON.stringify({ tenants: [{ id: "1", domain: "contoso.example" }] }));
    const broken = join(directory, "broken.json");
    await writeFile(broken, "{");
    const runs = [
      run("--port", String(port)),
      run("--port", "http"),
      run("--nonsense"),
      run("--directory", invalid),
      run("--directory", broken),
      run("--directory", join(directory, "missing.json")),
    ];
    const codes = await Promise.all(runs.map(({ exit }) => exit));
    blocker.close();
    expect(codes).toEqual([1, 1, 1, 1, 1, 1]);
    const lines = runs.map(({ output }) => output.stderr);
    for (const line of lines) expect(line.trim().split("\n")).toHaveLength(1);
    expect(lines[0]).toMatch(/port is in use .* pass --port 0/);
    expect(lines[1]).toContain("--port must be a whole number");
    expect(lines[2]).toContain("--nonsense");
    expect(lines[3]).toContain("tenants[0].id: must be a GUID");
    expect(lines[4]).toContain("is not JSON");
    expect(lines[5]).toContain("Cannot read the directory file");
  });
});
