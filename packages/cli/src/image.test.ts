import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startEmulator } from "@agent-auth/entra-emulator/testing";
import { expect, it } from "vitest";
import { ended, firstLine, startCli } from "../test/run-cli.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

it("the start command of the sidecar's image serves, from the files that the image holds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "agent-auth-image-"));
  const dockerfile = await readFile(join(root, "packages/sidecar/deploy/Dockerfile"), "utf8");
  const deploy = /npx -y pnpm@\d+ (--filter agent-auth deploy .*) \/app$/m.exec(dockerfile)?.[1] ?? "";
  const [, program, ...args] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? "[]") as string[];
  // The pnpm that runs the tests: npx would ask the registry.
  await run("pnpm", [...deploy.split(" "), join(folder, "app")], { cwd: root });
  const emulator = await startEmulator();
  const child = startCli([...args, "--port", "0", "--json"], {
    env: emulator.env,
    cwd: folder,
    program: join(folder, program ?? ""),
  });
  const ending = ended(child);
  const { url } = JSON.parse(await firstLine(child)) as { url: string };
  expect(await (await fetch(`${url}/readyz`)).text()).toBe("Ready");
  child.kill("SIGTERM");
  expect(await ending).toBe(0);
  await emulator.close();
  await rm(folder, { recursive: true });
});
