import type { FastifyInstance } from "fastify";

/** Keeps every successful answer out of caches: most carry a token or what a token opened. */
export function forbidCaching(app: FastifyInstance): void {
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (reply.statusCode >= 200 && reply.statusCode <= 299) {
      reply
        .header("Cache-Control", "no-cache, no-store, must-revalidate")
        .header("Expires", "0")
        .header("Pragma", "no-cache");
    }
    done(null, payload);
  });
}
