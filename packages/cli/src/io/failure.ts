import { type AgentAuthErrorCode, isAgentAuthError } from "@agent-auth/core";
import { CommanderError } from "commander";

/** What exit codes mean. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** A command failed. The message says what and how to mend it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** The command was called wrongly. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Errors of core that are about what the command was told, rather than about what became of it. */
const usage: ReadonlySet<AgentAuthErrorCode> = new Set([
  "options_invalid",
  "service_unknown",
  "service_base_url_missing",
  "service_scopes_missing",
  "agent_identity_invalid",
  "agent_user_ambiguous",
  "agent_user_id_invalid",
  "agent_user_without_agent_identity",
]);

/** The exit code that an error means. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof UsageError) return exitCodes.usage;
  return isAgentAuthError(error) && usage.has(error.code) ? exitCodes.usage : exitCodes.failed;
}

/** Tells a person what went wrong, in one line on standard error; the stack with `verbose`. */
export function reportFailure(error: unknown, { verbose }: { readonly verbose: boolean }): void {
  // commander has told already.
  if (!(error instanceof CommanderError)) process.stderr.write(`agent-auth: ${describeFailure(error)}\n`);
  if (verbose && error instanceof Error && !(error instanceof CommanderError)) {
    process.stderr.write(`${error.stack}\n${causesOf(error)}`);
  }
}

/** An error in one line, without its stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = hintOf(error) ?? error.message;
  return text.replaceAll(/\s*\n\s*/g, " ");
}

function hintOf(error: Error): string | undefined {
  const { code, address, port } = error as Error & { code?: unknown; address?: unknown; port?: unknown };
  const where = port === undefined ? String(address ?? "the address") : `port ${port}`;
  if (code === "EADDRINUSE") return `${where} is in use. Stop what listens there, or choose another with --port.`;
  if (code === "EACCES") return `${where} may not be listened on. Choose a port above 1023 with --port.`;
  if (code === "EADDRNOTAVAIL") return `${where} is no address of this machine. Correct --host.`;
  return undefined;
}

function causesOf(error: Error): string {
  return error.cause instanceof Error ? `Caused by: ${error.cause.stack}\n${causesOf(error.cause)}` : "";
}
