import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const bin = join(import.meta.dirname, "../dist/bin.js");

/** How the command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  readonly cwd?: string;
  /** The script. Default: the one that was built here. */
  readonly program?: string;
}

/** What came of it. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `agent-auth` as a process of its own, with just these variables. */
export function startCli(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const { env = {}, cwd = import.meta.dirname, program = bin } = options;
  return spawn(process.execPath, [program, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
}

/** Runs `agent-auth` to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = startCli(args, options);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  child.stdin?.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

/** The first line that a process prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the process has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the process printed nothing");
}

/** How a process ended. */
export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("close", resolve));
}
