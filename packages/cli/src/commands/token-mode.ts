import { InvalidArgumentError } from "commander";

/** How a token is got. */
export const tokenModes = ["autonomous-app", "obo", "autonomous-user"] as const;
/** How a token is got. */
export type TokenMode = (typeof tokenModes)[number];

/** Takes a mode as it is written here or as the cmdlet spells it, in any case. */
export function parseMode(text: string): TokenMode {
  const plain = text.toLowerCase().replaceAll("-", "");
  const mode = tokenModes.find((known) => known.replaceAll("-", "") === plain);
  if (mode === undefined) throw new InvalidArgumentError(`It must be one of ${tokenModes.join(", ")}.`);
  return mode;
}

/** Options by the names of the cmdlet's parameters. */
const cmdletNames: Readonly<Record<string, string>> = {
  agentidentityappid: "--agent-identity",
  blueprintappid: "--blueprint",
  blueprintsecret: "--secret-file",
  mode: "--mode",
  scope: "--scope",
  userid: "--user-id",
  usertoken: "--user-token",
  userupn: "--user-upn",
};

/**
 * Rewrites the cmdlet's spellings (`-BlueprintAppId`, `--BlueprintAppId`) in the arguments of `token`. Other arguments
 * stay as they are.
 */
export function translateCmdletNames(argv: readonly string[]): string[] {
  if (argv[2] !== "token") return [...argv];
  return argv.map((argument) => {
    const match = /^--?([A-Z][A-Za-z]+)$/.exec(argument);
    const name = match?.[1]?.toLowerCase() ?? "";
    return Object.hasOwn(cmdletNames, name) ? (cmdletNames[name] as string) : argument;
  });
}
