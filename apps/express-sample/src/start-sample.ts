import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { AgentAuth } from "@agent-auth/core";
import type { AgentMailbox, RunningSample } from "@agent-auth/sample-settings";
import { createApp } from "./app.js";

/** Starts the sample on a port of the loopback interface; 0 = a free one. */
export async function startSample(auth: AgentAuth, mailbox: AgentMailbox, port: number): Promise<RunningSample> {
  const server = createApp(auth, mailbox).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}
