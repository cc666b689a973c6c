import { Command } from "commander";
import { effectiveConfiguration } from "../config/effective-configuration.js";
import { coloured, print, printJson } from "../io/output.js";

const examples = `
Examples:
  $ agent-auth config print
  $ agent-auth config print --directory /app --json`;

/** `agent-auth config`: what the configuration is. */
export function configCommand(): Command {
  const config = new Command("config").description("Show the configuration.");
  config
    .command("print")
    .description("Print every value in effect and where it came from; secrets are masked.")
    .option("--directory <folder>", "folder of appsettings.json")
    .option("--json", "print one line of JSON")
    .addHelpText("after", examples)
    .action(({ directory, json }: { readonly directory?: string; readonly json?: true }) => {
      const values = effectiveConfiguration(directory === undefined ? {} : { directory });
      if (json) return printJson(values);
      const width = Math.max(...values.map(({ key }) => key.length));
      for (const { key, value, source } of values) {
        print(`${key.padEnd(width)}  ${value}  ${coloured("dim", `(${source})`)}`);
      }
    });
  return config;
}
