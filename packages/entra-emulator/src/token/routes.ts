import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { EmulatorContext } from "../context.js";
import type { TokenRequestOutcome } from "../control/records.js";
import type { Tenant } from "../directory/entities.js";
import { clientCredentials } from "./client-credentials.js";
import type { Issued } from "./issue.js";
import { onBehalfOf } from "./on-behalf-of.js";
import { refuse, TokenError, toErrorBody } from "./token-error.js";
import { maskForm, readForm, requireParameter, type TokenRequest } from "./token-request.js";
import { userFic } from "./user-fic.js";

type Grant = (context: EmulatorContext, request: TokenRequest) => Promise<Issued>;

const grants: Readonly<Record<string, Grant>> = {
  client_credentials: clientCredentials,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": onBehalfOf,
  user_fic: userFic,
};

/** `POST /{tenant}/oauth2/v2.0/token` */
export function tokenRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.post<{ Params: { tenant: string } }>("/:tenant/oauth2/v2.0/token", async (request, reply) => {
    const correlationId = correlationIdOf(request);
    let form: ReadonlyMap<string, string> = new Map();
    let outcome: TokenRequestOutcome | undefined;
    try {
      form = readForm(request.body);
      const issued = await answer(context, request.params.tenant, form, correlationId);
      outcome = { status: 200, claims: issued.claims };
      return await reply
        .headers({ "cache-control": "no-store, no-cache", pragma: "no-cache", "x-ms-request-id": randomUUID() })
        .send(issued.body);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      outcome = { status: error.status, error: error.error, aadsts: error.aadsts };
      return await reply
        .code(error.status)
        .header("cache-control", "no-store, no-cache")
        .send(toErrorBody(error, context.clock.now(), correlationId, context.url));
    } finally {
      context.tokenRequests.add({
        time: new Date(context.clock.now()).toISOString(),
        method: request.method,
        path: request.url,
        grant: form.get("grant_type") ?? "",
        clientId: form.get("client_id") ?? "",
        params: maskForm(form),
        correlationId,
        outcome: outcome ?? { status: 500 },
      });
    }
  });
}

async function answer(
  context: EmulatorContext,
  tenantSegment: string,
  form: ReadonlyMap<string, string>,
  correlationId: string,
): Promise<Issued> {
  const tenant = requireTenant(context, tenantSegment);
  const grant = requireParameter(form, "grant_type");
  const handler = Object.hasOwn(grants, grant) ? grants[grant] : undefined;
  if (!handler) throw refuse(70003, { grant });
  const clientId = requireParameter(form, "client_id").toLowerCase();
  return handler(context, {
    tenant,
    tenantSegment,
    grant,
    clientId,
    correlationId,
    get: (name) => form.get(name),
    require: (name) => requireParameter(form, name),
  });
}

function requireTenant(context: EmulatorContext, segment: string): Tenant {
  const tenant = context.directory.tenant(segment);
  if (!tenant) throw refuse(90002, { tenant: segment });
  return tenant;
}

function correlationIdOf(request: FastifyRequest): string {
  const sent = request.headers["client-request-id"];
  return typeof sent === "string" && /^[0-9a-f-]{36}$/i.test(sent) ? sent : randomUUID();
}
