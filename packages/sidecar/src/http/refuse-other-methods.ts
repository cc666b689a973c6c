import type { FastifyInstance, RouteOptions } from "fastify";
import { SidecarError } from "./sidecar-error.js";

/** Answers 405 for the methods that a route does not have, of the routes registered from now on. Call the result last. */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method }: RouteOptions) => {
    methodsOf.set(url, [...(methodsOf.get(url) ?? []), ...[method].flat()]);
  });
  return () => {
    for (const [url, methods] of [...methodsOf]) {
      app.route({
        url,
        method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].filter((one) => !methods.includes(one)),
        handler: (request) => {
          const allowed = methods.join(", ");
          throw new SidecarError("method_not_allowed", `${request.method} is not served here; ${allowed} is.`, {
            Allow: allowed,
          });
        },
      });
    }
  };
}
