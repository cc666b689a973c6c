import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Answer, send } from "@agent-auth/adapter-contract";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { emptyFolder, pack } from "./pack.js";

const run = promisify(execFile);
const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc");

let emulator: Emulator;
let tarballs: string;
let core: string;
beforeAll(async () => {
  emulator = await startEmulator();
  tarballs = await emptyFolder();
  core = await pack("core", tarballs);
});
afterAll(async () => {
  await emulator?.close();
  await rm(tarballs, { recursive: true, force: true });
});

describe.each([
  { name: "express", types: ["@types/express"] },
  { name: "fastify", types: [] },
  { name: "nestjs", types: [] },
  { name: "fetch", types: [] },
])("a newcomer who follows the README of $name from an empty folder", ({ name, types }) => {
  const readme = readFileSync(join(import.meta.dirname, `../../../packages/${name}/README.md`), "utf8");
  let folder: string;
  beforeAll(async () => {
    folder = await emptyFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("has a protected route in ten lines", async () => {
    const adapter = await pack(name, tarballs);
    const install = /^npm install (.*)$/m.exec(readme)?.[1]?.split(" ") ?? [];
    const local = new Map([
      ["@agent-auth/core", core],
      [`@agent-auth/${name}`, adapter],
    ]);
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await run(
      "npm",
      [
        ...["install", "--no-audit", "--no-fund", "--prefer-offline"],
        ...install.map((wanted) => local.get(wanted) ?? wanted),
        ...["@types/node@20", ...types],
      ],
      { cwd: folder },
    );

    const snippet = /^```ts quick-start\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
    expect(snippet.split("\n").filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(10);
    await writeFile(join(folder, "app.ts"), snippet);
    await run(
      process.execPath,
      [
        ...[tsc, "app.ts", "--module", "nodenext", "--target", "es2023", "--strict", "--skipLibCheck"],
        ...["--types", "node", "--experimentalDecorators"],
      ],
      { cwd: folder },
    );

    const port = await freePort();
    const app = spawn(process.execPath, ["app.js"], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...emulator.env, PORT: String(port) },
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      const url = `http://127.0.0.1:${port}/me`;
      const refused = await vi.waitFor<Answer>(() => send(url), { timeout: 30_000, interval: 100 });
      expect([refused.status, refused.json().code]).toEqual([401, "authorization_missing"]);
      const authorization = `Bearer ${await emulator.mint("user")}`;
      const answer = await send(url, { headers: { authorization } });
      expect([answer.status, answer.json().userPrincipalName]).toEqual([200, "adele@contoso.example"]);
      const app403 = await send(url, { headers: { authorization: `Bearer ${await emulator.mint("app")}` } });
      expect([app403.status, app403.json().code]).toEqual([403, "delegated_required"]);
    } finally {
      const exited = once(app, "exit");
      app.kill("SIGKILL");
      await exited;
    }
  });
});

/** The README's programs take a port and tell nobody which they got, so they are given one that is free. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
