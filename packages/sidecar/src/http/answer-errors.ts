import { type AgentAuth, type AgentAuthErrorCode, type ErrorAnswer, isAgentAuthError } from "@agent-auth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SidecarError } from "./sidecar-error.js";
import { sendProblem, translated } from "./sidecar-problem.js";

/**
 * Where the Entra SDK's surface has another status than an API of one's own: an unknown service is the request's
 * mistake here, and what Entra refuses is a 401.
 */
const statuses: Partial<Record<AgentAuthErrorCode, number>> = {
  service_unknown: 400,
  service_scopes_missing: 400,
  app_only_caller: 401,
  consent_required: 401,
  credential_refused: 401,
  exchange_refused: 401,
};

/** Answers every error as `application/problem+json`. */
export function answerErrors(app: FastifyInstance, auth: Pick<AgentAuth, "answer">): void {
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const known = auth.answer(error);
    if (known !== undefined) return send(reply, withStatus(known, error));
    return sendProblem(reply, error instanceof SidecarError ? error : translated(error, request));
  };
  app.setErrorHandler(answer);
  app.setNotFoundHandler((request, reply) => {
    answer(
      new SidecarError("not_found", "There is no such endpoint. See /openapi/v1.json in Development."),
      request,
      reply,
    );
  });
}

function send(reply: FastifyReply, { status, headers, body }: ErrorAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ ...headers })
    .send(body);
}

function withStatus(answer: ErrorAnswer, error: unknown): ErrorAnswer {
  if (!isAgentAuthError(error)) return answer;
  const status = statuses[error.code];
  if (status === undefined) return answer;
  const problem = JSON.parse(answer.body) as object;
  return {
    status,
    headers: { ...(status === 401 && { "WWW-Authenticate": "Bearer" }), ...answer.headers },
    body: JSON.stringify({ ...problem, status, detail: error.message }),
  };
}
