import type { FastifyInstance } from "fastify";

/** Lets a page of any origin read the endpoints that a single-page application needs, as Entra does. */
export function allowBrowsers(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!request.headers.origin) return;
    reply.header("access-control-allow-origin", "*");
    reply.header("access-control-expose-headers", "www-authenticate, retry-after, x-ms-request-id");
  });
  app.options("/*", (request, reply) =>
    reply
      .headers({
        "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
        "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
        "access-control-max-age": "600",
      })
      .code(204)
      .send(),
  );
}
