import { createAgentAuth, loadOptions } from "@agent-auth/core";

const agentAuth = createAgentAuth(loadOptions());

export async function handle(headers: Headers): Promise<unknown> {
  const auth = await agentAuth.authenticate(headers);
  return auth.callDownstream("Graph", "/me").json();
}
