import { defineOptions, type RegisteredRequestAuth } from "@agent-auth/core";
import { AgentAuth, AgentAuthModule, RequireDelegated } from "@agent-auth/nestjs";
import { Controller, Get, Module } from "@nestjs/common";

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

@RequireDelegated()
@Controller()
export class NameController {
  @Get("name")
  async name(@AgentAuth() auth: RegisteredRequestAuth) {
    const { displayName } = await auth.callDownstream("Graph", "/me").json<Profile>(); // "Grahp" would not compile
    return displayName;
  }
}

@Module({ imports: [AgentAuthModule.forRoot(options)], controllers: [NameController] })
export class AppModule {}
