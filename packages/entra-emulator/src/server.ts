import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import type { EmulatorContext } from "./context.js";
import { controlRoutes } from "./control/routes.js";
import { discoveryRoutes } from "./discovery/routes.js";
import { graphRoutes } from "./graph/routes.js";
import { tokenRoutes } from "./token/routes.js";

/** Largest request body, in bytes. */
export const BODY_LIMIT = 256 * 1024;

/** Builds the HTTP server of an emulator; it does not listen yet. */
export async function createServer(context: EmulatorContext): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    // Clients keep connections alive; closing must not wait for them.
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  await app.register(formbody, { bodyLimit: BODY_LIMIT });
  discoveryRoutes(app, context);
  tokenRoutes(app, context);
  controlRoutes(app, context);
  await graphRoutes(app, context);
  return app;
}
