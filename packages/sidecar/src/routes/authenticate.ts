import { type AgentAuth, disconnectSignal, type RequestAuth } from "@agent-auth/core";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Who calls. @throws AgentAuthError as core's `authenticate()` */
export function authenticate(auth: AgentAuth, request: FastifyRequest, reply: FastifyReply): Promise<RequestAuth> {
  const { rawHeaders, method, url } = request.raw;
  return auth.authenticate(rawHeaders, { method, url, signal: disconnectSignal(reply.raw) });
}
