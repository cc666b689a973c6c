import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { agentAuth, denyAgents, documentSecurity, requireScopes, securitySchemes } from "@agent-auth/fastify";
import cors from "@fastify/cors";
import swagger from "@fastify/swagger";
import Fastify from "fastify";

const auth = createAgentAuth(loadOptions());
const app = Fastify();

await app.register(cors); // before agentAuth: a preflight request carries no token
await app.register(swagger, { openapi: { components: { securitySchemes } }, transform: documentSecurity });
await app.register(agentAuth, auth);

app.get("/healthz", { config: { agentAuth: false } }, async () => "Healthy"); // public

app.get("/greeting", { config: { agentAuth: { optional: true, agent: false } } }, async ({ agentAuth }) => {
  const caller = agentAuth?.caller;
  return caller?.kind === "user" ? `Hello ${caller.username}` : "Hello";
});

app.get("/tasks", { config: { agentAuth: { scopes: ["Tasks.Read", "Tasks.Write"] } } }, async ({ agentAuth }) => {
  return agentAuth.caller;
});

app.post(
  "/payments",
  { preHandler: [denyAgents(), requireScopes({ allOf: ["Pay", "Sign"] })] },
  async (_request, reply) => reply.code(202).send(),
);
