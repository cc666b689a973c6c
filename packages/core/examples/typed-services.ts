import { createAgentAuth, defineOptions, isAgentAuth } from "@agent-auth/core";

const options = defineOptions({
  tenantId: "contoso.example",
  clientId: "b1000000-0000-4000-8000-000000000001",
  downstreamApis: { Graph: { baseUrl: "https://graph.microsoft.com/v1.0", scopes: ["User.Read"] } },
});

const agentAuth = createAgentAuth(options);
const users = await agentAuth.forApp().callDownstream("Graph", "/users").json<{ value: { id: string }[] }>();

// @ts-expect-error there is no service of this name
agentAuth.forApp().callDownstream("Grpah", "/users");

export const ready: boolean = isAgentAuth(agentAuth) && users.value.length > 0;
