import { type AgentAuthOptions, loadOptions } from "@agent-auth/core";
import { type Command, Option } from "commander";

/** Options that every command has which reads the configuration. */
export interface SettingsOptions {
  readonly directory?: string;
  readonly tenant?: string;
  readonly instance?: string;
}

/** Adds the options of {@link SettingsOptions} to a command. */
export function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option("--directory <folder>", "folder of appsettings.json").default(undefined, "the working directory"),
    )
    .addOption(new Option("--tenant <tenant>", "tenant GUID or domain").default(undefined, "AzureAd__TenantId"))
    .addOption(new Option("--instance <url>", "sign-in host").default(undefined, "AzureAd__Instance"));
}

/** The configuration from files and environment, with what the command line says over it. */
export function readSettings({ directory, tenant, instance }: SettingsOptions): AgentAuthOptions {
  const loaded = loadOptions(directory === undefined ? {} : { directory });
  return {
    ...loaded,
    ...(tenant !== undefined && { tenantId: tenant }),
    ...(instance !== undefined && { instance }),
    // A command says itself what went wrong.
    logger: { warn: () => {}, error: () => {} },
  };
}
