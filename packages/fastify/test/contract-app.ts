import { operationOf } from "@agent-auth/adapter-contract";
import type { AgentAuth, AgentAuthOptions } from "@agent-auth/core";
import cors from "@fastify/cors";
import Fastify from "fastify";
import {
  agentAuth,
  denyAgents,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "../src/index.js";

/** The application of the adapter contract, written as one of Fastify's would be. */
export async function createContractApp(auth: AgentAuthOptions | AgentAuth) {
  const passed = async () => ({ passed: true });
  const app = Fastify();
  await app.register(cors, { origin: "https://portal.contoso.example" });
  await app.register(agentAuth, auth);

  app.get("/public", { config: { agentAuth: false } }, async (request) => ({
    authenticated: request.agentAuth !== undefined,
  }));
  app.get("/optional", { config: { agentAuth: { optional: true } } }, async (request) => ({
    caller: request.agentAuth?.caller ?? null,
  }));
  app.get("/me", async (request) => request.agentAuth.caller);
  app.post("/echo", async (request, reply) => reply.code(201).send(request.body));
  for (const path of ["/stream", "/stream-endless"]) {
    app.get(path, async (request) =>
      request.agentAuth.callDownstream("Downstream", path === "/stream" ? "/stream" : "/endless"),
    );
  }
  app.get<{ Params: { name: string } }>("/operations/:name", async (request) =>
    operationOf(request.params.name)(request.agentAuth),
  );

  const guarded = (path: string, preHandler: ReturnType<typeof requireScopes>) => app.get(path, { preHandler }, passed);
  guarded("/guards/scopes", requireScopes("access_as_user", "Tasks.Write"));
  guarded("/guards/all-scopes", requireScopes({ allOf: ["access_as_user", "Tasks.Read"] }));
  guarded(
    "/guards/scopes-or-roles",
    requireScopesOrRoles({ scopes: ["access_as_user"], roles: ["Tasks.Process.All"] }),
  );
  guarded("/guards/roles", requireRoles("Tasks.Process.All"));
  guarded("/guards/agent", requireAgent());
  guarded("/guards/one-agent", requireAgent({ agentIdentity: "a9e00000-0000-4000-8000-000000000002" }));
  guarded("/guards/no-agents", denyAgents());
  guarded("/guards/delegated", requireDelegated());
  guarded("/guards/app-only", requireAppOnly());
  guarded("/guards/claim", requireClaim("department", "Retail"));
  guarded("/guards/auth-context", requireAuthContext("c1"));
  app.get(
    "/guard-without-authentication",
    { config: { agentAuth: false }, preHandler: requireScopes("access_as_user") },
    passed,
  );
  app.get(
    "/policies/agents-with-scope",
    { config: { agentAuth: { scopes: ["access_as_user"], agent: true } } },
    passed,
  );
  app.get("/policies/optional-without-agents", { config: { agentAuth: { optional: true, agent: false } } }, passed);
  return app;
}
