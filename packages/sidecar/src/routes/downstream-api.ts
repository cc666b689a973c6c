import type { DownstreamInit, RequestAuth } from "@agent-auth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readDownstreamAnswer } from "../downstream/result.js";
import { bodyOf } from "../http/bodies.js";
import { SidecarError } from "../http/sidecar-error.js";
import { actingFor } from "../request/acting-for.js";
import { type Selection, selectionOf } from "../request/selection.js";
import { authenticate } from "./authenticate.js";
import { gateText } from "./authorization-header.js";
import type { Operation } from "./operation.js";
import type { RouteContext } from "./route-context.js";

interface WithService {
  readonly Params: { readonly apiName: string };
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Says that `content` is base64 of bytes that are no text. */
export const contentEncodingHeader = "X-Content-Encoding";

const common = {
  tag: "Downstream APIs",
  result: "DownstreamApiResult",
  takesOverrides: true,
  takesBody: true,
  problems: [400, 401, 403],
} as const satisfies Partial<Operation>;

/** `/DownstreamApi/{apiName}` and `/DownstreamApiUnauthenticated/{apiName}`, by GET, POST, PUT, PATCH and DELETE */
export function downstreamApiRoutes(app: FastifyInstance, context: RouteContext): void {
  const { auth, gates } = context;
  app.route<WithService>({
    method: methods,
    url: "/DownstreamApi/:apiName",
    config: {
      operation: {
        ...common,
        operationId: "DownstreamApi",
        summary: "Call a configured downstream API for the caller of this request.",
        description: gateText("CallDownstreamApi", "true"),
        secured: true,
      },
    },
    handler: async (request, reply) => {
      const caller = await authenticate(auth, request, reply);
      return answerCall(context, { request, reply, caller, allowed: gates.callDownstreamApi });
    },
  });
  app.route<WithService>({
    method: methods,
    url: "/DownstreamApiUnauthenticated/:apiName",
    config: {
      operation: {
        ...common,
        operationId: "DownstreamApiUnauthenticated",
        summary: "Call a configured downstream API as the application or the agent itself.",
        description: gateText("CallDownstreamApiUnauthenticated", "false"),
        secured: false,
      },
    },
    handler: async (request, reply) =>
      answerCall(context, {
        request,
        reply,
        caller: undefined,
        allowed: gates.callDownstreamApiUnauthenticated,
      }),
  });
}

interface Call {
  readonly request: FastifyRequest<WithService>;
  readonly reply: FastifyReply;
  readonly caller: RequestAuth | undefined;
  /** Whether overrides are. */
  readonly allowed: boolean;
}

async function answerCall(context: RouteContext, { request, reply, caller, allowed }: Call) {
  const { apiName } = request.params;
  const selection = selectionOf(request, allowed);
  const acting = await actingFor(context.auth, caller, selection);
  const path = selection.path ?? ownValue(context.paths, apiName) ?? "";
  const method = methodFor(request, selection, { allowed, configured: ownValue(context.methods, apiName) });
  const init = { ...selection.token, ...requestOf(request, selection, method), method };
  const { base64, result } = await readDownstreamAnswer(
    await acting.callDownstream(apiName, path, init),
    context.responseLimitBytes,
  );
  if (base64) reply.header(contentEncodingHeader, "base64");
  return result;
}

/**
 * The override, else the request's own method where it says one: PUT, PATCH or DELETE. GET and POST say nothing, since
 * clients of the container send every call by one of them; then the configured method holds.
 */
function methodFor(
  request: FastifyRequest,
  selection: Selection,
  { allowed, configured }: { readonly allowed: boolean; readonly configured: string | undefined },
): string | undefined {
  const sent = allowed && /^(PUT|PATCH|DELETE)$/.test(request.method) ? request.method : undefined;
  return selection.method ?? sent ?? configured;
}

/** @throws SidecarError `body_not_json`, `body_not_allowed` */
function requestOf(
  request: FastifyRequest,
  selection: Selection,
  method: string | undefined,
): Pick<DownstreamInit, "headers" | "query" | "body"> {
  const contentType = request.headers["content-type"];
  const body = bodyOf(request.body, selection.init.headers["content-type"] ?? contentType);
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    throw new SidecarError(
      "body_not_allowed",
      `The downstream call is a ${method}, which takes no body. Send none, or name a method with optionsOverride.HttpMethod.`,
    );
  }
  const headers = { ...selection.init.headers };
  if (body !== undefined) headers["content-type"] ??= contentType ?? "application/json";
  return { headers, query: selection.init.query, ...(body !== undefined && { body: new Uint8Array(body) }) };
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
