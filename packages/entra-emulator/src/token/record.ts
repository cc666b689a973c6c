import type { FastifyRequest } from "fastify";
import type { EmulatorContext } from "../context.js";
import type { TokenRequestOutcome } from "../control/records.js";
import { maskForm, readFormQuietly } from "./token-request.js";

/** Adds a request to the token endpoint to the record. */
export function recordTokenRequest(
  context: EmulatorContext,
  request: FastifyRequest,
  outcome: TokenRequestOutcome,
): void {
  const form = readFormQuietly(request);
  context.tokenRequests.add({
    time: new Date(context.clock.now()).toISOString(),
    method: request.method,
    path: request.url,
    grant: form.get("grant_type") ?? "",
    clientId: form.get("client_id") ?? "",
    params: maskForm(form),
    correlationId: request.id,
    outcome,
  });
}
