import type { FastifyInstance } from "fastify";

/** Endpoints for tests and machines. No web page may read them, or any site could mint itself a token. */
const CLOSED = ["/_emulator/", "/metadata/", "/msi/"];

/** Lets a page of any origin read the endpoints that a single-page application needs, as Entra does. */
export function allowBrowsers(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!request.headers.origin || isClosed(request.url)) return;
    reply.header("access-control-allow-origin", "*");
    reply.header("access-control-expose-headers", "www-authenticate, retry-after, x-ms-request-id");
  });
  app.options("/*", (request, reply) => {
    if (isClosed(request.url)) return reply.code(403).send();
    return reply
      .headers({
        "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
        "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
        "access-control-max-age": "600",
      })
      .code(204)
      .send();
  });
}

function isClosed(url: string): boolean {
  return CLOSED.some((prefix) => url.startsWith(prefix));
}
