import { defineOptions, type RequestAuth } from "@agent-auth/core";
import { agentAuth } from "@agent-auth/fastify";
import Fastify from "fastify";

const options = defineOptions({
  tenantId: "contoso.example",
  clientId: "b1000000-0000-4000-8000-000000000001",
  clientCredentials: [{ sourceType: "ClientSecret", clientSecret: process.env.CLIENT_SECRET ?? "" }],
  downstreamApis: { Graph: { baseUrl: "https://graph.microsoft.com/v1.0", scopes: ["User.Read"] } },
});

declare module "@agent-auth/core" {
  interface Register {
    options: typeof options;
  }
}

interface Profile {
  readonly displayName: string;
}

// "Grahp" would not compile.
const profileOf = (auth: RequestAuth<"Graph">) => auth.callDownstream("Graph", "/me").json<Profile>();

const app = Fastify();
await app.register(agentAuth, options);
app.get("/name", async (request) => (await profileOf(request.agentAuth)).displayName);
