import { randomUUID } from "node:crypto";
import { createAgentAuth, loadOptions, memoryTokenStore, type RequestAuth } from "@agent-auth/core";

export const agentAuth = createAgentAuth({
  ...loadOptions(),
  // In production a store that outlives the process, such as Redis. What goes into it is encrypted with the first key.
  tokenStore: memoryTokenStore(),
  tokenStoreKeys: [process.env.TOKEN_STORE_KEY ?? Buffer.alloc(32).toString("base64")],
});

/** In the request: begin, and ask for one token while the user's own is good. */
export async function begin(auth: RequestAuth): Promise<string> {
  const sessionKey = randomUUID();
  await (await auth.longRunning(sessionKey)).headerFor("Graph");
  return sessionKey;
}

/** Days later, nobody there. A session that is over throws `session_ended`. */
export async function resume(sessionKey: string): Promise<unknown> {
  const auth = await agentAuth.longRunning(sessionKey);
  return auth.callDownstream("Graph", "/me").json();
}

export const stop = (sessionKey: string) => agentAuth.end(sessionKey);
