import type { AgentAuth } from "@agent-auth/core";
import type { FastifyInstance } from "fastify";

/** `GET /healthz`: the process answers. `GET /readyz`: it can validate tokens and has what it proves itself with. */
export function healthRoutes(app: FastifyInstance, auth: AgentAuth): void {
  const config = { public: true };
  app.get("/healthz", { config }, async (_request, reply) => reply.type("text/plain; charset=utf-8").send("Healthy"));
  app.get("/readyz", { config }, async (_request, reply) => {
    // Throws what is missing: a problem document with 503, and a line in the log.
    await auth.warmUp();
    return reply.type("text/plain; charset=utf-8").send("Ready");
  });
}
