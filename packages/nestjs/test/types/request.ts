import { defineOptions, type RegisteredRequestAuth, type RequestAuth } from "@agent-auth/core";
import { AgentAuth, AgentAuthModule, AgentAuthService, OptionalAuth, RequireScopes } from "@agent-auth/nestjs";
import { Controller, Get, Inject } from "@nestjs/common";
import { expectTypeOf } from "vitest";

const options = defineOptions({
  tenantId: "contoso.example",
  clientId: "b1000000-0000-4000-8000-000000000001",
  downstreamApis: { Graph: { scopes: ["User.Read"] }, Invoices: { scopes: ["api://invoices/Read"] } },
});
declare module "@agent-auth/core" {
  interface Register {
    options: typeof options;
  }
}
interface User {
  readonly displayName: string;
}

AgentAuthModule.forRoot(options);
AgentAuthModule.forRootAsync({ useFactory: async () => options });

@Controller()
export class TypedController {
  constructor(@Inject(AgentAuthService) service: AgentAuthService) {
    // @ts-expect-error -- no such service
    service.forApp().headerFor("Grahp");
  }

  @Get()
  @RequireScopes("A")
  @OptionalAuth(false)
  me(@AgentAuth() auth: RegisteredRequestAuth, @AgentAuth("caller") caller: RequestAuth["caller"]) {
    expectTypeOf(auth).toEqualTypeOf<RequestAuth<"Graph" | "Invoices">>();
    expectTypeOf(auth.callDownstream("Graph").json<User>()).toEqualTypeOf<Promise<User>>();
    // @ts-expect-error -- no such service
    auth.callDownstream("Grahp");
    // @ts-expect-error -- an autonomous agent has no user
    caller.userId;
    if (caller.kind === "agent-user") expectTypeOf(caller.userId).toEqualTypeOf<string>();
  }

  // @ts-expect-error -- no such field
  other(@AgentAuth("user") user: unknown) {
    return user;
  }
}
// @ts-expect-error -- a decorator without a permission
RequireScopes();
