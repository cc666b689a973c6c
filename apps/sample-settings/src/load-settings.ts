import { type AgentAuthOptions, loadOptions } from "@agent-auth/core";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";

/** The agent's own user account, as `/api/agent/mailbox` uses it. */
export interface AgentMailbox {
  /** Client id (GUID) of the agent identity. */
  readonly agentIdentity: string;
  /** User principal name of its agent user. */
  readonly username: string;
}

/** What a sample runs with. */
export interface Settings {
  readonly options: AgentAuthOptions;
  readonly mailbox: AgentMailbox;
  /** Set when no tenant is configured: a local Entra, started in this process. */
  readonly emulator: Emulator | undefined;
}

/**
 * Reads the settings from `AzureAd__…` and `DownstreamApis__…` variables (or appsettings.json), the agent identity
 * from `AzureAd__AgentIdentity` and its user from `AGENT_USERNAME`. Without any, starts the emulator.
 */
export async function loadSettings(env: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  if (env.AzureAd__ClientId !== undefined) return { ...settingsOf(env), emulator: undefined };
  const emulator = await startEmulator();
  const [agentUser] = emulator.agentUsers;
  if (agentUser === undefined) throw new Error("the emulator's directory has no agent user");
  const emulated = {
    ...emulator.env,
    AzureAd__AgentIdentity: agentUser.agentIdentity,
    AGENT_USERNAME: agentUser.username,
  };
  return { ...settingsOf({ ...env, ...emulated }), emulator };
}

function settingsOf(env: NodeJS.ProcessEnv): Pick<Settings, "options" | "mailbox"> {
  const options = loadOptions({ env });
  const { AGENT_USERNAME: username } = env;
  if (typeof options.agentIdentity !== "string")
    throw new Error("Set AzureAd__AgentIdentity to the agent identity's client id");
  if (username === undefined) throw new Error("Set AGENT_USERNAME to the principal name of the agent's user");
  return { options, mailbox: { agentIdentity: options.agentIdentity, username } };
}
