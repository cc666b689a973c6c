import { type AgentAuthOptions, defineOptions, type RequestAuth } from "@agent-auth/core";
import { agentAuth } from "@agent-auth/fetch";
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
type Auth = RequestAuth<"Graph" | "Invoices">;
interface User {
  readonly displayName: string;
}

agentAuth(options as AgentAuthOptions);
const protect = agentAuth(options);
const plain = protect((_request, auth) => {
  expectTypeOf(auth).toEqualTypeOf<Auth>();
  expectTypeOf(auth.callDownstream("Graph").json<User>()).toEqualTypeOf<Promise<User>>();
  // @ts-expect-error -- no such service
  auth.callDownstream("Grahp");
  // @ts-expect-error -- an autonomous agent has no user
  auth.caller.userId;
  if (auth.caller.kind === "user") expectTypeOf(auth.caller.userId).toEqualTypeOf<string>();
  return new Response();
});
expectTypeOf(plain).toEqualTypeOf<(request: Request) => Promise<Response>>();
protect(
  (_request, auth) => {
    expectTypeOf(auth).toEqualTypeOf<Auth>();
    return new Response();
  },
  { scopes: ["A"] },
);
for (const policy of [false, { optional: true }] as const) {
  protect((_request, auth) => {
    expectTypeOf(auth).toEqualTypeOf<Auth | undefined>();
    return new Response();
  }, policy);
}
// @ts-expect-error -- no such policy
protect(() => new Response(), { scope: ["A"] });
