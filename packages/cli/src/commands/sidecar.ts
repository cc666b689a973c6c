import type { ListenAddress } from "@agent-auth/sidecar";
import { Command, InvalidArgumentError, Option } from "commander";
import { print, printJson } from "../io/output.js";

interface SidecarCommandOptions {
  readonly directory?: string;
  readonly port?: number;
  readonly host?: string;
  readonly socket?: string;
  readonly json?: true;
}

const examples = `
Examples:
  $ agent-auth sidecar
  $ agent-auth sidecar --port 0 --json
  $ agent-auth sidecar --socket /run/agent-auth/sidecar.sock

Log lines go to standard error, as JSON.`;

/** `agent-auth sidecar`: the Entra SDK's HTTP surface. */
export function sidecarCommand(): Command {
  return new Command("sidecar")
    .description("Run the sidecar: the HTTP surface of the Entra SDK for Agent ID.")
    .addOption(
      new Option("--directory <folder>", "folder of appsettings.json").default(undefined, "the working directory"),
    )
    .addOption(
      new Option("--port <number>", "port to listen on; 0 takes a free one")
        .argParser(parsePort)
        .default(undefined, "ASPNETCORE_URLS, PORT, else 5000"),
    )
    .addOption(new Option("--host <address>", "address to listen on").default(undefined, "127.0.0.1"))
    .addOption(new Option("--socket <path>", "Unix socket to listen on").conflicts(["port", "host"]))
    .option("--json", 'print {"url"} as one line of JSON when ready')
    .addHelpText("after", examples)
    .action(run);
}

async function run({ directory, json, ...options }: SidecarCommandOptions): Promise<void> {
  // It brings a web server, which the other commands can start without.
  const { createSidecar, loadSidecarOptions, tuneProcess } = await import("@agent-auth/sidecar");
  tuneProcess();
  const loaded = loadSidecarOptions(directory === undefined ? {} : { directory });
  const sidecar = createSidecar(loaded);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // The process ends by itself once what is under way is answered and the connections are closed.
    process.once(signal, () => void sidecar.close());
  }
  const url = await sidecar.listen(addressOf(options, loaded.address)).catch(async (error: unknown) => {
    await sidecar.close();
    throw error;
  });
  if (json) printJson({ url });
  else print(`The sidecar listens at ${url}. Stop it with Ctrl+C.`);
}

function addressOf(options: Omit<SidecarCommandOptions, "json">, configured: ListenAddress = {}): ListenAddress {
  const { port, host, socket } = options;
  if (socket !== undefined) return { socketPath: socket };
  if (port === undefined && host === undefined) return configured;
  return {
    ...(configured.socketPath === undefined && configured),
    ...(port !== undefined && { port }),
    ...(host && { host }),
  };
}

/** @throws InvalidArgumentError for what is no port */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return port;
}
