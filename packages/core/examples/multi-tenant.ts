import { createAgentAuth, defineOptions } from "@agent-auth/core";

declare function isCustomer(tenantId: string): Promise<boolean>;

const options = defineOptions({
  tenantId: "organizations",
  clientId: "b1000000-0000-4000-8000-000000000001",
  clientCredentials: [{ sourceType: "ClientSecret", clientSecret: process.env.CLIENT_SECRET ?? "" }],
  allowedTenants: isCustomer, // asked once in five minutes a tenant
  downstreamApis: { Graph: { baseUrl: "https://graph.microsoft.com/v1.0", scopes: ["User.Read"] } },
});

export const agentAuth = createAgentAuth(options);
