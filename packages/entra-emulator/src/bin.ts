#!/usr/bin/env node
import { parseArgs } from "node:util";
import { readDirectoryFile } from "./directory/read-directory-file.js";
import { startEmulator } from "./emulator.js";

const usage = `Usage: entra-emulator [options]

  --port <number>              port to listen on; 0, the default, takes a free one
  --host <address>             address to listen on; 127.0.0.1 by default
  --directory <file>           directory to serve, as JSON; the built-in one by default
  --https                      speak https, with a certificate of the emulator's own authority
  --workload-token <file>      project a service account's token into this file and rotate it
  --workload-subject <text>    its subject; system:serviceaccount:agents:assistant by default
  --workload-rotate <seconds>  how often it is rotated; 600 by default, 0 for never
  --json                       print one line of JSON when ready: URL, ids, secrets, environment variables
  --help                       print this
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      directory: { type: "string" },
      https: { type: "boolean", default: false },
      "workload-token": { type: "string" },
      "workload-subject": { type: "string", default: "system:serviceaccount:agents:assistant" },
      "workload-rotate": { type: "string", default: "600" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const emulator = await startEmulator({
    port: readNumber("--port", values.port, 65535),
    host: values.host,
    https: values.https,
    ...(values.directory === undefined ? {} : { directory: await readDirectoryFile(values.directory) }),
  });
  const path = values["workload-token"];
  const projected =
    path === undefined
      ? undefined
      : await emulator.projectToken({
          path,
          subject: values["workload-subject"],
          rotateEvery: readNumber("--workload-rotate", values["workload-rotate"], 86_400),
        });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void emulator.close();
    });
  }
  const description = emulator.describe();
  const env = { ...description.env, ...projected?.env };
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...description, env })}\n`
      : `Entra emulator at ${description.url}\n\nPoint an application at it with:\n\n${lines.join("\n")}\n`,
  );
}

function readNumber(option: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= max) return number;
  throw new Error(`${option} must be a whole number from 0 to ${max}, not '${text}'.`);
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
