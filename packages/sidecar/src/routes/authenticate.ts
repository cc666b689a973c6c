import { type AgentAuth, nodeRequest, type RequestAuth } from "@agent-auth/core";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Who calls. @throws AgentAuthError as core's `authenticate()` */
export function authenticate(auth: AgentAuth, request: FastifyRequest, reply: FastifyReply): Promise<RequestAuth> {
  return auth.authenticate(request.raw.rawHeaders, nodeRequest(request.raw, reply.raw));
}
