import { type AgentAuth, createAgentAuth, loadOptions, type RequestAuth } from "@agent-auth/core";

export const agentAuth: AgentAuth = createAgentAuth({
  ...loadOptions(),
  // Your code chooses who acts, and this list bounds the choice; a request never chooses by itself.
  agentIdentity: ({ caller }) => (caller?.tenantId === process.env.PILOT_TENANT ? process.env.PILOT_AGENT : undefined),
  allowedAgentIdentities: [process.env.PILOT_AGENT ?? "11111111-2222-3333-4444-555555555555"],
  // Claims challenges are answered, and tokens are subject to Continuous Access Evaluation.
  clientCapabilities: ["cp1"],
  onTokenUsed: (used) => process.stdout.write(`${JSON.stringify(used)}\n`),
});

/** Whoever calls: on behalf of the user, as the app, as an agent, as an agent's own user. */
export async function headers(auth: RequestAuth, agentIdentity: string) {
  return {
    onBehalfOf: await auth.headerFor("Graph"),
    asApp: await auth.asApp().headerFor("Graph"),
    asAgent: await auth.asAgent(agentIdentity).headerFor("Graph"),
    asAgentUser: await auth.asAgentUser(agentIdentity, { username: "agent@contoso.example" }).headerFor("Graph"),
    inOneTenant: await auth.asApp().headerFor("Graph", { tenantId: "contoso.example" }),
  };
}

/** What would be asked of Entra, for the log or a support case: client ids and scopes, no secret. */
export async function plan(auth: RequestAuth): Promise<string> {
  return String(await auth.explain("Graph"));
}

/** A user's tokens are over, for instance because an administrator disabled them. */
export async function userDisabled(userId: string): Promise<void> {
  await agentAuth.forget({ userId });
}
