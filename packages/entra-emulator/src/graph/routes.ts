import type { FastifyInstance, FastifyRequest } from "fastify";
import type { EmulatorContext } from "../context.js";
import { decodeClaims } from "../token/verify-issued.js";
import { bearerToken, type GraphCaller, requireGraphCaller } from "./graph-caller.js";
import { GraphError, toGraphErrorBody } from "./graph-error.js";
import type { GraphScope } from "./graph-scope.js";
import { mailRoutes } from "./mail-routes.js";
import { peopleRoutes } from "./people-routes.js";
import { agentRoutes } from "./provisioning/agent-routes.js";
import { blueprintRoutes } from "./provisioning/blueprint-routes.js";

/** Microsoft Graph as far as the emulator has it: people and mail, behind tokens that it validates. */
export async function graphRoutes(app: FastifyInstance, context: EmulatorContext): Promise<void> {
  await app.register(
    async (graph) => {
      const callers = new WeakMap<FastifyRequest, GraphCaller>();
      const scope: GraphScope = {
        context,
        callerOf(request) {
          const caller = callers.get(request);
          if (!caller) throw new Error("a route of Graph ran without a validated caller");
          return caller;
        },
        metadataOf: (resource) => `${context.url}/graph/v1.0/$metadata#${resource}`,
      };

      graph.addHook("onRequest", async (request) => {
        callers.set(request, await requireGraphCaller(context, request.headers.authorization));
      });
      graph.addHook("onSend", async (request, reply) => {
        const token = bearerToken(request.headers.authorization);
        const claims = token ? decodeClaims(token) : undefined;
        context.resourceRequests.add({
          time: new Date(context.clock.now()).toISOString(),
          method: request.method,
          path: request.url,
          status: reply.statusCode,
          ...(claims ? { claims } : {}),
        });
      });
      graph.setErrorHandler((error, _request, reply) => {
        const graphError = error instanceof GraphError ? error : fromFastify(error);
        if (graphError.challenge) reply.header("www-authenticate", graphError.challenge);
        return reply.code(graphError.status).send(toGraphErrorBody(graphError, context.clock.now()));
      });
      graph.setNotFoundHandler((request, reply) => {
        const missing = new GraphError(404, "UnknownError", `Resource not found for the segment '${request.url}'.`);
        return reply.code(404).send(toGraphErrorBody(missing, context.clock.now()));
      });

      peopleRoutes(graph, scope);
      mailRoutes(graph, scope);
      blueprintRoutes(graph, scope);
      agentRoutes(graph, scope);
    },
    { prefix: "/graph/v1.0" },
  );
}

function fromFastify(error: unknown): GraphError {
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error && status < 500 ? error.message : "An internal error occurred.";
  return new GraphError(status, status < 500 ? "BadRequest" : "InternalServerError", message);
}
