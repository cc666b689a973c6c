import { Argument, Command } from "commander";
import { exitCodes } from "../io/failure.js";
import { coloured, print, printJson, withProgress } from "../io/output.js";
import { readValue } from "../io/read-input.js";
import { readSettings, type SettingsOptions, withSettings } from "../io/settings.js";
import { type CheckResult, type Inspection, inspectToken } from "../validate/inspect-token.js";

const examples = `
Examples:
  $ agent-auth validate - < token.jwt
  $ agent-auth validate @token.jwt --json
  $ agent-auth token --agent-identity a9e0… --scope api://b1000000-…/.default | agent-auth validate -`;

/** `agent-auth validate`: each check of an access token, with its verdict. */
export function validateCommand(): Command {
  const command = new Command("validate")
    .description("Validate an access token as the configured API would, and say who calls.")
    .addArgument(new Argument("<token>", "the token; @file for a file, - for standard input"))
    .option("--json", "print one line of JSON")
    .addHelpText("after", examples);
  return withSettings(command).action(run);
}

async function run(argument: string, options: SettingsOptions & { readonly json?: true }): Promise<void> {
  const token = (await readValue("<token>", argument)).replace(/^Bearer\s+/i, "");
  const settings = readSettings(options);
  const inspection = await withProgress("Fetching signing keys", () => inspectToken(settings, token));
  if (options.json) printJson(inspection);
  else printInspection(inspection);
  process.exitCode = inspection.valid ? exitCodes.ok : exitCodes.failed;
}

function printInspection({ valid, checks, caller, claims }: Inspection): void {
  print(...checks.map(lineOf), "");
  print(valid ? coloured("green", "The token is valid.") : coloured("red", "The token is not valid."));
  if (caller !== undefined) print("", coloured("bold", "Caller"), JSON.stringify(caller, undefined, 2));
  if (claims !== undefined) {
    const title = valid ? "Claims" : "Claims, as the token states them";
    print("", coloured("bold", title), JSON.stringify(claims, undefined, 2));
  }
}

function lineOf({ name, verdict, detail }: CheckResult): string {
  const style = verdict === "passed" ? "green" : verdict === "failed" ? "red" : "dim";
  return `${coloured(style, verdict.padEnd(12))} ${name}${detail === undefined ? "" : `: ${detail}`}`;
}
