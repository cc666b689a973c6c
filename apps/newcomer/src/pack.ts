import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const packages = join(import.meta.dirname, "../../../packages");

/** Makes an empty folder outside of the workspace. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "agent-auth-newcomer-"));
}

/** Packs a package as it would be published, and returns the path of the tarball. */
export async function pack(name: string, destination: string): Promise<string> {
  const [command, ...args] = pnpm();
  const { stdout } = await run(command, [...args, "pack", "--json", "--pack-destination", destination], {
    cwd: join(packages, name),
  });
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { readonly filename: string };
  return filename;
}

/** The pnpm that runs the tests, for it alone knows what `workspace:` and `catalog:` stand for. */
function pnpm(): [string, ...string[]] {
  const path = process.env.npm_execpath ?? "";
  if (!/pnpm/.test(path)) return ["npx", "-y", "pnpm@12"];
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path];
}
