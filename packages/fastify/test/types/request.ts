import { type AgentAuthOptions, createAgentAuth, defineOptions, type RequestAuth } from "@agent-auth/core";
import { agentAuth, requireAgent, requireScopes } from "@agent-auth/fastify";
import Fastify from "fastify";
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

const app = Fastify();
await app.register(agentAuth, options);
await app.register(agentAuth, createAgentAuth(options));
await app.register(agentAuth, options as AgentAuthOptions);
app.get("/policy", { config: { agentAuth: { scopes: ["A"], agent: { blueprint: "b" } } } }, async () => "");
app.get("/", { preHandler: [requireScopes("A", "B"), requireAgent()] }, async (request) => {
  const { agentAuth: auth } = request;
  expectTypeOf(auth).toEqualTypeOf<RequestAuth<"Graph" | "Invoices">>();
  expectTypeOf(auth.callDownstream("Graph").json<User>()).toEqualTypeOf<Promise<User>>();
  expectTypeOf(auth.callDownstream("Graph").json()).toEqualTypeOf<Promise<unknown>>();
  expectTypeOf(auth.headerFor("Invoices")).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error -- no such service
  auth.callDownstream("Grahp");
  // @ts-expect-error -- no such service, also as an agent
  auth.asAgent("a9e00000-0000-4000-8000-000000000001").headerFor("graph");

  const { caller } = auth;
  // @ts-expect-error -- an autonomous agent has no user
  caller.userId;
  if (caller.kind === "user") expectTypeOf(caller.userId).toEqualTypeOf<string>();
  if (caller.kind === "agent") {
    expectTypeOf(caller.agentIdentity).toEqualTypeOf<string>();
    // @ts-expect-error -- nor scopes
    caller.scopes;
  }
  if (caller.kind === "app") {
    // @ts-expect-error -- an app is no agent
    caller.agentIdentity;
  }
});
// @ts-expect-error -- a guard without a permission
requireScopes();
