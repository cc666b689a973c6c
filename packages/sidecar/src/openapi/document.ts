import { STATUS_CODES } from "node:http";
import type { FastifyInstance, RouteOptions } from "fastify";
import { overrideParameters } from "../request/override-parameters.js";
import { overridePrefix } from "../request/overrides.js";
import type { Operation } from "../routes/operation.js";
import { schemas } from "./schemas.js";

/** An OpenAPI document, as far as it is looked into here. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [member: string]: unknown;
}

/**
 * Collects the routes that carry an operation, from now on, and returns what makes the document of them.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function collectOperations(app: FastifyInstance): () => OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  app.addHook("onRoute", (route: RouteOptions) => {
    const operation = route.config?.operation;
    if (operation === undefined) return;
    const path = route.url.replace(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    for (const method of [route.method].flat())
      paths[path][method.toLowerCase()] = describe(operation, { path, method });
  });
  return () => ({
    openapi: "3.1.1",
    info: { title: "agent-auth sidecar", version: "1.0.0", license: { name: "MIT", identifier: "MIT" } },
    paths,
    components: { schemas, securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    tags: [{ name: "Validation" }, { name: "Tokens" }, { name: "Downstream APIs" }],
  });
}

function describe(operation: Operation, { path, method }: { readonly path: string; readonly method: string }): object {
  // One operation id a method: the one that the container has keeps the plain name.
  const plain = !path.startsWith("/DownstreamApi") || method === "POST";
  return {
    tags: [operation.tag],
    operationId: plain
      ? operation.operationId
      : `${operation.operationId}By${method[0]}${method.slice(1).toLowerCase()}`,
    summary: operation.summary,
    ...(operation.description !== undefined && { description: operation.description }),
    parameters: [...pathParameters(path), ...(operation.takesOverrides ? queryParameters() : [])],
    ...(operation.takesBody && method !== "GET" && { requestBody: anyBody }),
    responses: {
      200: {
        description: "OK",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${operation.result}` } } },
      },
      ...Object.fromEntries(operation.problems.map((status) => [status, problem(status)])),
    },
    security: operation.secured ? [{ bearer: [] }] : [],
  };
}

const anyBody = { description: "Passed on as it is.", content: { "*/*": { schema: {} } } };

function problem(status: number): object {
  return {
    description: STATUS_CODES[status],
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/ProblemDetails" } } },
  };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: "The downstream API, by its name in the configuration.",
    schema: { type: "string" },
  }));
}

const agentParameters = [
  ["AgentIdentity", "Client id (GUID) of the agent identity that acts."],
  ["AgentUsername", "User principal name of the agent's own user. Requires AgentIdentity."],
  ["AgentUserId", "Object id (GUID) of the agent's own user. Requires AgentIdentity."],
] as const;

function queryParameters(): object[] {
  return [
    ...agentParameters.map(([name, description]) => ({ name, in: "query", description, schema: { type: "string" } })),
    ...overrideParameters.map(({ name, type, description, deprecated }) => ({
      name: `${overridePrefix}${name}`,
      in: "query",
      description,
      ...(deprecated && { deprecated }),
      schema: { type },
    })),
  ];
}
