import { loadOptions } from "@agent-auth/core";
import { agentAuth, requireScopes } from "@agent-auth/fastify";
import Fastify from "fastify";

const app = Fastify();
await app.register(agentAuth, loadOptions());
app.get("/me", { preHandler: requireScopes("access_as_user") }, (request) =>
  request.agentAuth.callDownstream("Graph", "/me").json(),
);
await app.listen({ port: Number(process.env.PORT ?? 3000) });
