import { type AgentAuth, nodeRequest, type RequestAuth } from "@agent-auth/core";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Who calls: at once where the token is known. Throws or rejects as core's `admit()`. */
export function authenticate(
  auth: AgentAuth,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestAuth | Promise<RequestAuth> {
  return auth.admit(request.raw.rawHeaders, nodeRequest(request.raw, reply.raw));
}
