import Fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import { pino } from "pino";
import type { LogStream, SidecarOptions } from "../options/sidecar-options.js";
import { sendProblem, translated } from "./sidecar-problem.js";

/** Longest service name that is looked up, in characters. */
const maxParamLength = 200;

/** Kestrel's, in bytes. */
const defaultBodyLimitBytes = 30_000_000;

/** An HTTP server without routes. */
export function createServer(options: SidecarOptions): FastifyInstance {
  const { bodyLimitBytes = defaultBodyLimitBytes, logLevel = "info", logStream = standardError() } = options;
  return Fastify({
    bodyLimit: bodyLimitBytes,
    exposeHeadRoutes: false,
    // The log has a line of its own for each request, without the query.
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: logLevel, stream: logStream },
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength },
    // These, such as a URL that cannot be read, never reach the error handler.
    frameworkErrors: (error, request, reply) =>
      sendProblem(reply as unknown as FastifyReply, translated(error, request)),
  }) as unknown as FastifyInstance;
}

/** Written while requests are served, the lines that came meanwhile at once; all that is left when the process exits. */
function standardError(): LogStream {
  return pino.destination({ dest: 2, sync: false });
}
