import { type AgentAuth, createAgentAuth } from "@agent-auth/core";
import { type AgentMailbox, loadSettings } from "./load-settings.js";

/** A sample, listening. */
export interface RunningSample {
  /** For instance `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Stops listening, once what is under way has been answered. */
  close(): Promise<void>;
}

/** Starts a sample on a port of the loopback interface; 0 = a free one. */
export type StartSample = (auth: AgentAuth, mailbox: AgentMailbox, port: number) => Promise<RunningSample>;

/** Runs a sample as a program: settings from the environment, port from `PORT` (default 3000), until SIGTERM or Ctrl+C. */
export async function runSample(name: string, startSample: StartSample): Promise<void> {
  const { options, mailbox, emulator } = await loadSettings();
  const auth = createAgentAuth(options);
  const sample = await startSample(auth, mailbox, Number(process.env.PORT ?? 3000));
  console.log(`${name} listens on ${sample.url}, its OpenAPI document is at ${sample.url}/docs`);
  if (emulator !== undefined) {
    console.log(`No AzureAd__ClientId is set, so a local Entra emulator runs at ${emulator.url}. Try:
  TOKEN=$(curl -s ${emulator.url}/_emulator/tokens -H 'content-type: application/json' -d '{"kind":"user"}' | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl ${sample.url}/api/profile -H "Authorization: Bearer $TOKEN"`);
  }

  const stop = async () => {
    await sample.close();
    await Promise.all([auth.close(), emulator?.close()]);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
