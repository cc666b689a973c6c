import type { FastifyInstance } from "fastify";

/**
 * While the server closes, ends each connection with the answer that is under way on it. Otherwise it would wait for
 * the client to let go of a connection that it keeps alive.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (closing) reply.header("Connection", "close");
    done(null, payload);
  });
}
