import type { RequestAuth } from "@agent-auth/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actingFor } from "../request/acting-for.js";
import { selectionOf } from "../request/selection.js";
import { authenticate } from "./authenticate.js";
import type { Operation } from "./operation.js";
import type { RouteContext } from "./route-context.js";

interface WithService {
  readonly Params: { readonly apiName: string };
}

const common = {
  tag: "Tokens",
  result: "AuthorizationHeaderResult",
  takesOverrides: true,
  problems: [400, 401, 403],
} as const satisfies Partial<Operation>;

/** `GET /AuthorizationHeader/{apiName}` and `GET /AuthorizationHeaderUnauthenticated/{apiName}` */
export function authorizationHeaderRoutes(app: FastifyInstance, { auth, gates }: RouteContext): void {
  const answer = async (request: FastifyRequest<WithService>, caller: RequestAuth | undefined, allowed: boolean) => {
    const selection = selectionOf(request, allowed);
    const acting = await actingFor(auth, caller, selection);
    return { authorizationHeader: await acting.headerFor(request.params.apiName, selection.token) };
  };

  app.get<WithService>(
    "/AuthorizationHeader/:apiName",
    {
      config: {
        operation: {
          ...common,
          operationId: "AuthorizationHeader",
          summary: "Get an authorization header for a configured downstream API, for the caller of this request.",
          description: gateText("GetAuthorizationHeader", "true"),
          secured: true,
        },
      },
    },
    async (request, reply) => answer(request, await authenticate(auth, request, reply), gates.getAuthorizationHeader),
  );
  app.get<WithService>(
    "/AuthorizationHeaderUnauthenticated/:apiName",
    {
      config: {
        operation: {
          ...common,
          operationId: "AuthorizationHeaderUnauthenticated",
          summary:
            "Get an authorization header for a configured downstream API, for the application or the agent itself.",
          description: gateText("GetAuthorizationHeaderUnauthenticated", "false"),
          secured: false,
        },
      },
    },
    async (request) => answer(request, undefined, gates.getAuthorizationHeaderUnauthenticated),
  );
}

/** Which setting lets a request override what is configured. */
export function gateText(gate: string, byDefault: string): string {
  return `Sidecar:AllowOverrides:${gate} (default ${byDefault}) says whether the optionsOverride.* and agent parameters are honoured. An override holds for its request alone.`;
}
