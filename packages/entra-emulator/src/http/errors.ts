import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";
import { recordTokenRequest } from "../token/record.js";
import { refuse, toErrorBody } from "../token/token-error.js";

const TOKEN_ROUTE = "/:tenant/oauth2/v2.0/token";

/** Answers what no route answered: one line that says what is wrong. */
export function answerErrors(app: FastifyInstance, context: EmulatorContext): void {
  const tooLarge = `The request body is larger than ${app.initialConfig.bodyLimit} bytes. Send less.`;
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    if (request.routeOptions.url === TOKEN_ROUTE && status < 500) {
      // Entra reads no other body than a form, so to it the first parameter is missing.
      const refusal =
        status === 413 ? refuse(9002313, { reason: tooLarge }) : refuse(900144, { parameter: "grant_type" });
      recordTokenRequest(context, request, { status: 400, error: refusal.error, aadsts: refusal.aadsts });
      return reply.code(400).send(toErrorBody(refusal, context.clock.now(), request.id, context.url));
    }
    if (request.routeOptions.url === TOKEN_ROUTE)
      recordTokenRequest(context, request, { status, error: "server_error" });
    const message = status === 413 ? tooLarge : error instanceof Error ? error.message : String(error);
    return reply.code(status).send({ error: status < 500 ? "invalid_request" : "server_error", message });
  });

  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: "not_found",
      message: `The emulator has no ${request.method} ${request.url.split("?")[0]}. Its endpoints are listed in its README.`,
    }),
  );
}
