import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";

/** `agent-auth emulator`: the emulator's own command with its own options. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Run a local Entra ID for development and tests. Its options: agent-auth emulator --help")
    .argument("[options...]")
    .allowUnknownOption()
    .passThroughOptions()
    .action((options: readonly string[]) => runEmulator(options));
}

async function runEmulator(options: readonly string[]): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve("@agent-auth/entra-emulator/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: Record<string, string> };
  const program = join(dirname(manifest), bin["entra-emulator"] as string);
  process.argv = [process.execPath, program, ...options];
  await import(pathToFileURL(program).href);
}
