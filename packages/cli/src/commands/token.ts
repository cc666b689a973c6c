import {
  type AccessToken,
  type AgentAuth,
  type AgentAuthOptions,
  createAgentAuth,
  requireDelegated,
  type ServiceAuth,
} from "@agent-auth/core";
import { Command, Option } from "commander";
import { decodeJwt } from "../io/decode.js";
import { UsageError } from "../io/failure.js";
import { print, printJson, withProgress } from "../io/output.js";
import { readSecret, readValue } from "../io/read-input.js";
import { readSettings, type SettingsOptions, withSettings } from "../io/settings.js";
import { parseMode, type TokenMode, tokenModes } from "./token-mode.js";

interface TokenCommandOptions extends SettingsOptions {
  readonly mode: TokenMode;
  readonly blueprint?: string;
  readonly agentIdentity?: string;
  readonly scope?: readonly string[];
  readonly service?: string;
  readonly secretFile?: string;
  readonly userToken?: string;
  readonly userUpn?: string;
  readonly userId?: string;
  readonly json?: true;
  readonly decode?: true;
  readonly explain?: true;
}

const defaultScope = "https://graph.microsoft.com/.default";

const examples = `
Examples:
  $ agent-auth token --agent-identity a9e00000-0000-4000-8000-000000000001
  $ agent-auth token --mode obo --user-token @user.jwt --scope User.Read --decode
  $ agent-auth token --mode autonomous-user --user-upn assistant1@contoso.example --scope Mail.Read --json
  $ agent-auth token --secret-file - < secret.txt --explain

Names of the PowerShell cmdlet Get-EntraBetaAgentIdentityToken are understood as well: -Mode OBO -BlueprintAppId …
The credential comes from the configuration (AzureAd__ClientCredentials__…) or from --secret-file, never from an argument.`;

/** `agent-auth token`: an access token for an agent identity. */
export function tokenCommand(): Command {
  const command = new Command("token")
    .description("Get an access token for an agent identity.")
    .addOption(
      new Option("--mode <mode>", `${tokenModes.join(", ")}; or AutonomousApp, OBO, AutonomousUser`)
        .argParser(parseMode)
        .default("autonomous-app"),
    )
    .addOption(new Option("--blueprint <id>", "client id of the blueprint").default(undefined, "AzureAd__ClientId"))
    .addOption(
      new Option("--agent-identity <id>", "client id of the agent identity").default(
        undefined,
        "AzureAd__AgentIdentity",
      ),
    )
    .addOption(new Option("--scope <scope...>", "scopes of the token").default(undefined, defaultScope))
    .option("--service <name>", "a configured downstream API, for its scopes, instead of --scope")
    .option("--secret-file <file>", "file with the blueprint's client secret; - for standard input")
    .option("--user-token <token>", "for obo: the user's token; @file for a file, - for standard input")
    .option("--user-upn <name>", "for autonomous-user: the agent user's principal name")
    .option("--user-id <id>", "for autonomous-user: the agent user's object id")
    .option("--json", "print one line of JSON: the token and what is known of it")
    .option("--decode", "print the token's header and claims instead of the token")
    .option("--explain", "print what would be asked of Entra, without asking")
    .addHelpText("after", examples);
  return withSettings(command).action(run);
}

async function run(options: TokenCommandOptions): Promise<void> {
  checkUsage(options);
  const auth = createAgentAuth(await coreOptions(options));
  const service = options.service ?? "token";
  try {
    const acting = await actingAs(auth, options);
    if (options.explain) {
      const explanation = await acting.explain(service);
      if (options.json) printJson(explanation);
      else print(explanation.toString());
      return;
    }
    printToken(await withProgress("Asking Entra", () => acting.tokenFor(service)), options);
  } finally {
    await auth.close();
  }
}

function checkUsage(options: TokenCommandOptions): void {
  const { mode } = options;
  const onlyFor = (wanted: TokenMode, values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined && mode !== wanted) throw new UsageError(`${name} is for --mode ${wanted}, not ${mode}.`);
    }
  };
  onlyFor("obo", { "--user-token": options.userToken });
  onlyFor("autonomous-user", { "--user-upn": options.userUpn, "--user-id": options.userId });
  if (mode === "obo" && options.userToken === undefined) {
    throw new UsageError("--mode obo needs the user's token. Give it as --user-token @file, or - for standard input.");
  }
  if (mode === "autonomous-user" && (options.userUpn === undefined) === (options.userId === undefined)) {
    throw new UsageError("--mode autonomous-user needs exactly one of --user-upn and --user-id.");
  }
  if (options.userToken === "-" && options.secretFile === "-") {
    throw new UsageError("--user-token and --secret-file cannot both be standard input. Give one of them as a file.");
  }
  if (options.service !== undefined && options.scope !== undefined) {
    throw new UsageError("--service and --scope exclude each other.");
  }
}

async function coreOptions(options: TokenCommandOptions): Promise<AgentAuthOptions> {
  const settings = readSettings(options);
  const { blueprint, agentIdentity, secretFile, scope, service } = options;
  const scopes = (scope ?? [defaultScope]).flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== "");
  return {
    ...settings,
    ...(blueprint !== undefined && { clientId: blueprint }),
    ...(agentIdentity !== undefined && { agentIdentity }),
    ...(secretFile !== undefined && {
      clientCredentials: [{ sourceType: "ClientSecret", clientSecret: await readSecret("--secret-file", secretFile) }],
    }),
    ...(service === undefined && { downstreamApis: { token: { scopes } } }),
  };
}

async function actingAs(auth: AgentAuth, options: TokenCommandOptions): Promise<ServiceAuth> {
  const agentIdentity = options.agentIdentity ?? readSettings(options).agentIdentity;
  if (typeof agentIdentity !== "string") {
    throw new UsageError("Name the agent identity: --agent-identity <client id>, or AzureAd__AgentIdentity.");
  }
  switch (options.mode) {
    case "autonomous-app":
      return auth.forApp().asAgent(agentIdentity);
    case "autonomous-user":
      return options.userUpn === undefined
        ? auth.forApp().asAgentUser(agentIdentity, { userId: options.userId as string })
        : auth.forApp().asAgentUser(agentIdentity, { username: options.userUpn });
    case "obo": {
      const token = (await readValue("--user-token", options.userToken as string)).replace(/^Bearer\s+/i, "");
      const request = await withProgress("Validating the user's token", () =>
        auth.authenticate({ authorization: `Bearer ${token}` }),
      );
      requireDelegated()(request);
      return request.asAgent(agentIdentity);
    }
  }
}

function printToken(token: AccessToken, { json, decode }: TokenCommandOptions): void {
  const decoded = decode ? decodeJwt(token.accessToken) : undefined;
  if (json) printJson(decode ? decoded : token);
  else print(decode ? JSON.stringify(decoded, undefined, 2) : token.accessToken);
}
