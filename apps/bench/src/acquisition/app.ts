import { type AgentAuth, type AgentAuthOptions, createAgentAuth, type RequestAuth } from "@agent-auth/core";
import { clientId, instance, tenantId } from "../tokens.js";
import type { LocalEntra } from "./token-endpoint.js";

export const agentIdentity = "a9e00000-0000-4000-8000-00000000000a";

/** An app against a local token endpoint. */
export function createApp(entra: LocalEntra, overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
  return createAgentAuth({
    instance,
    tenantId,
    clientId,
    clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "secret" }],
    downstreamApis: { Graph: { scopes: ["User.Read", "Mail.Read"] } },
    fetch: entra.fetch,
    ...overrides,
  });
}

/** Requests of so many users, validated. */
export async function requestsOf(app: AgentAuth, entra: LocalEntra, users: number): Promise<RequestAuth[]> {
  const requests: RequestAuth[] = [];
  for (const token of await entra.make(users))
    requests.push(await app.authenticate({ authorization: `Bearer ${token}` }));
  return requests;
}
