import type { FastifyInstance } from "fastify";

/** Logs one line a request: the route rather than the URL, whose query may name people and carry claims. */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", (request, reply, done) => {
    const { apiName } = (request.params ?? {}) as { readonly apiName?: string };
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? "none",
        ...(apiName !== undefined && { service: apiName }),
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
      },
      "answered",
    );
    done();
  });
}
