import { admission } from "@agent-auth/core";
import type { FastifyInstance } from "fastify";
import type { Operation } from "./operation.js";
import type { RouteContext } from "./route-context.js";

const operation: Operation = {
  operationId: "ValidateAuthorizationHeader",
  tag: "Validation",
  summary: "Validate the inbound bearer token and return its claims.",
  result: "ValidateAuthorizationHeaderResult",
  secured: true,
  problems: [400, 401, 403],
};

/** `GET /Validate` */
export function validateRoute(app: FastifyInstance, { auth, requiredScopes }: RouteContext): void {
  const [first, ...others] = requiredScopes;
  const admit = admission(auth, first === undefined ? {} : { scopes: [first, ...others] });
  app.get("/Validate", { config: { operation } }, async (request) => {
    const { rawHeaders, method, url } = request.raw;
    const admitted = await admit(rawHeaders, { method, url });
    return { protocol: "Bearer", token: admitted?.token, claims: admitted?.claims };
  });
}
