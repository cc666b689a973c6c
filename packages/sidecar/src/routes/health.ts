import type { AgentAuth } from "@agent-auth/core";
import type { FastifyInstance } from "fastify";
import { SidecarError } from "../http/sidecar-error.js";

/** `GET /healthz`: the process answers. `GET /readyz`: it can validate tokens and has what it proves itself with. */
export function healthRoutes(app: FastifyInstance, auth: AgentAuth): void {
  const config = { public: true };
  let warm: Promise<void> | undefined;
  app.get("/healthz", { config }, async (_request, reply) => reply.type("text/plain; charset=utf-8").send("Healthy"));
  app.get("/readyz", { config }, async (_request, reply) => {
    // Once is enough: keys that were fetched keep working through an outage.
    warm ??= auth.warmUp();
    await warm.catch((error: unknown) => {
      warm = undefined;
      throw error;
    });
    await requireCredential(auth);
    return reply.type("text/plain; charset=utf-8").send("Ready");
  });
}

/** A sidecar that only validates tokens needs no credential; one that has some needs one of them. */
async function requireCredential(auth: AgentAuth): Promise<void> {
  const checks = await auth.checkCredentials();
  if (checks.length === 0 || checks.some(({ loaded }) => loaded)) return;
  const reasons = checks.map(({ sourceType, detail }) => `${sourceType}: ${detail}`);
  throw new SidecarError("not_ready", `No client credential could be loaded. ${reasons.join("; ")}`);
}
