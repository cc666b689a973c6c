import { readFileSync } from "node:fs";
import { Command } from "commander";
import { completionCommand } from "./commands/completion.js";
import { configCommand } from "./commands/config.js";
import { doctorCommand } from "./commands/doctor.js";
import { emulatorCommand } from "./commands/emulator.js";
import { sidecarCommand } from "./commands/sidecar.js";
import { tokenCommand } from "./commands/token.js";
import { validateCommand } from "./commands/validate.js";

const exitCodeHelp = `
Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong.
Configuration comes from appsettings.json and from variables such as AzureAd__TenantId; see: agent-auth config print`;

/** The command line, ready to parse. */
export function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const program = new Command("agent-auth")
    .description("Agent-aware authentication on Microsoft Entra ID, from the command line.")
    .version(version)
    .option("--verbose", "show stack traces")
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText("after", exitCodeHelp);
  const commands = [
    tokenCommand(),
    validateCommand(),
    doctorCommand(),
    sidecarCommand(),
    emulatorCommand(),
    configCommand(),
    completionCommand(() => program),
  ];
  for (const command of commands) program.addCommand(inheritSettings(command, program));
  return program;
}

/** Commands are made apart from the program, so what they inherit of it must be copied. */
function inheritSettings(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  // The emulator has its own options, and its own help.
  if (command.name() === "emulator") return command.helpOption(false);
  command.option("--verbose", "show stack traces");
  for (const inner of command.commands) inheritSettings(inner, program);
  return command;
}
