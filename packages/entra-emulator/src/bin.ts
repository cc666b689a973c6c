#!/usr/bin/env node
import { parseArgs } from "node:util";
import { startEmulator } from "./emulator.js";

const usage = `Usage: entra-emulator [--port <number>] [--host <address>] [--json]

  --port <number>   port to listen on; 0, the default, takes a free one
  --host <address>  address to listen on; 127.0.0.1 by default
  --json            print one line of JSON when ready: URL, ids, secrets, environment variables
  --help            print this
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const emulator = await startEmulator({ port: readPort(values.port), host: values.host });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void emulator.close();
    });
  }
  const { url, env } = emulator;
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(emulator.describe())}\n`
      : `Entra emulator at ${url}\n\nPoint an application at it with:\n\n${lines.join("\n")}\n`,
  );
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() !== "" && Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new Error(`--port must be a whole number from 0 to 65535, not '${text}'.`);
}

main().catch((error: unknown) => {
  process.stderr.write(`entra-emulator: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `the port is in use (${error.message}). Stop what listens there, or pass --port 0 for a free one.`;
  }
  return error.message;
}
