import { createDefaultFetch } from "@agent-auth/core";
import { Command } from "commander";
import { checkConfiguration } from "../doctor/check-configuration.js";
import { checkCredential } from "../doctor/check-credential.js";
import { checkEntra } from "../doctor/check-entra.js";
import { checkServices } from "../doctor/check-services.js";
import type { Finding } from "../doctor/finding.js";
import { observeFetch } from "../doctor/observed-fetch.js";
import { exitCodes } from "../io/failure.js";
import { coloured, print, printJson, withProgress } from "../io/output.js";
import { readValue } from "../io/read-input.js";
import { readSettings, type SettingsOptions, withSettings } from "../io/settings.js";

interface DoctorOptions extends SettingsOptions {
  readonly userToken?: string;
  readonly agentUser?: string;
  readonly json?: true;
}

const examples = `
Examples:
  $ agent-auth doctor
  $ agent-auth doctor --user-token @user.jwt --agent-user assistant1@contoso.example
  $ agent-auth doctor --directory /app --json

It exits with 1 when a check failed; warnings and what was skipped do not count.`;

/** `agent-auth doctor`: looks for what is wrong, and says how to mend it. */
export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description("Check configuration, discovery, keys, clock, credential, and every leg of each downstream API.")
    .option("--user-token <token>", "try the on-behalf-of legs with it; @file for a file, - for standard input")
    .option("--agent-user <upn>", "try the agent-user legs with it")
    .option("--json", "print one line of JSON")
    .addHelpText("after", examples);
  return withSettings(command).action(run);
}

async function run(options: DoctorOptions): Promise<void> {
  const userToken = options.userToken === undefined ? undefined : await readValue("--user-token", options.userToken);
  const findings = await withProgress("Examining", () => examine(options, userToken));
  if (options.json) printJson(findings);
  else print(...findings.map(lineOf), "", summaryOf(findings));
  process.exitCode = findings.some(({ status }) => status === "failed") ? exitCodes.failed : exitCodes.ok;
}

async function examine(options: DoctorOptions, userToken: string | undefined): Promise<readonly Finding[]> {
  const sources = options.directory === undefined ? {} : { directory: options.directory };
  const { options: settings, findings } = await checkConfiguration(sources, () => readSettings(options));
  if (settings === undefined) return findings;
  const { fetch, close } = createDefaultFetch();
  try {
    const observed = observeFetch(fetch);
    const observedSettings = { ...settings, fetch: observed.fetch };
    const entra = await checkEntra(observedSettings, observed);
    // Whoever cannot be reached says nothing about credentials either.
    if (entra.some(({ check, status }) => check === "discovery" && status === "failed")) return [...findings, ...entra];
    return [
      ...findings,
      ...entra,
      ...(await checkCredential(observedSettings)),
      ...(await checkServices(observedSettings, { userToken, agentUser: options.agentUser })),
    ];
  } finally {
    await close();
  }
}

const styles = { ok: "green", warning: "yellow", failed: "red", skipped: "dim" } as const;

function lineOf({ check, status, detail }: Finding): string {
  return `${coloured(styles[status], status.padEnd(8))} ${check}: ${detail}`;
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const failed = count("failed");
  if (failed > 0) return coloured("red", `${failed} of ${findings.length} checks failed.`);
  return coloured("green", `No check failed${count("warning") === 0 ? "" : `, ${count("warning")} warned`}.`);
}
