import type { FastifyInstance } from "fastify";

/** Keeps every successful answer out of caches: most carry a token or what a token opened. */
export function forbidCaching(app: FastifyInstance): void {
  app.addHook("onSend", async (_request, reply) => {
    if (reply.statusCode < 200 || reply.statusCode > 299) return;
    reply.headers({ "Cache-Control": "no-cache, no-store, must-revalidate", Expires: "0", Pragma: "no-cache" });
  });
}
