import type { AgentAuth } from "@agent-auth/core";
import type { AgentMailbox, RunningSample } from "@agent-auth/sample-settings";
import { createApp } from "./app.js";

/** Starts the sample on a port of the loopback interface; 0 = a free one. */
export async function startSample(auth: AgentAuth, mailbox: AgentMailbox, port: number): Promise<RunningSample> {
  const app = await createApp(auth, mailbox);
  return { url: await app.listen({ port, host: "127.0.0.1" }), close: () => app.close() };
}
