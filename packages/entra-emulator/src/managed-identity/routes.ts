import type { FastifyInstance, FastifyReply } from "fastify";
import type { EmulatorContext } from "../context.js";
import { findIdentity, issueManagedIdentityToken, ManagedIdentityError } from "./managed-identity-token.js";

type Query = Readonly<Record<string, unknown>>;

/** What `X-IDENTITY-HEADER` must say at the App Service endpoint. */
export const IDENTITY_HEADER = "emulator-identity-header";

/**
 * The Instance Metadata Service's token endpoint and the one of App Service.
 *
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function managedIdentityRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.get<{ Querystring: Query }>("/metadata/identity/oauth2/token", (request, reply) =>
    answer(reply, async () => {
      if (String(request.headers.metadata).toLowerCase() !== "true") {
        throw new ManagedIdentityError(400, "invalid_request", "Required metadata header not specified");
      }
      return answerFor(context, request.query);
    }),
  );
  app.get<{ Querystring: Query }>("/msi/token", (request, reply) =>
    answer(reply, async () => {
      if (request.headers["x-identity-header"] !== IDENTITY_HEADER) {
        throw new ManagedIdentityError(401, "unauthorized", "The X-IDENTITY-HEADER header is missing or wrong");
      }
      return answerFor(context, request.query);
    }),
  );
}

async function answerFor(context: EmulatorContext, query: Query) {
  const required = (name: string): string => {
    const value = query[name];
    if (typeof value === "string" && value !== "") return value;
    throw new ManagedIdentityError(400, "invalid_request", `Required query variable '${name}' is missing`);
  };
  required("api-version");
  return issueManagedIdentityToken(context, findIdentity(context, query), required("resource"));
}

async function answer(reply: FastifyReply, produce: () => Promise<object>) {
  try {
    return await reply.send(await produce());
  } catch (error) {
    if (!(error instanceof ManagedIdentityError)) throw error;
    return reply.code(error.status).send({ error: error.error, error_description: error.message });
  }
}
