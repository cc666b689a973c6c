import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";
import type { Tenant } from "../directory/entities.js";
import { authorizationCode } from "./authorization-code.js";
import { clientCredentials } from "./client-credentials.js";
import type { Issued } from "./issue.js";
import { onBehalfOf } from "./on-behalf-of.js";
import { recordTokenRequest } from "./record.js";
import { refreshToken } from "./refresh-token.js";
import { refuse, TokenError, toErrorBody } from "./token-error.js";
import { readForm, requireParameter, type TokenRequest } from "./token-request.js";
import { userFic } from "./user-fic.js";

type Grant = (context: EmulatorContext, request: TokenRequest) => Promise<Issued>;

const grants: Readonly<Record<string, Grant>> = {
  authorization_code: authorizationCode,
  client_credentials: clientCredentials,
  refresh_token: refreshToken,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": onBehalfOf,
  user_fic: userFic,
};
const MULTI_TENANT = new Set(["common", "organizations"]);

/** `POST /{tenant}/oauth2/v2.0/token` */
export function tokenRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.post<{ Params: { tenant: string } }>("/:tenant/oauth2/v2.0/token", async (request, reply) => {
    reply.headers({ "cache-control": "no-store, no-cache", pragma: "no-cache", "x-ms-request-id": request.id });
    try {
      const issued = await answer(context, request.params.tenant, readForm(request), request.id);
      recordTokenRequest(context, request, { status: 200, claims: issued.claims });
      return await reply.send(issued.body);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const { status, aadsts } = error;
      recordTokenRequest(context, request, { status, error: error.error, aadsts });
      return await reply.code(status).send(toErrorBody(error, context.clock.now(), request.id, context.url));
    }
  });
}

async function answer(
  context: EmulatorContext,
  tenantSegment: string,
  form: ReadonlyMap<string, string>,
  correlationId: string,
): Promise<Issued> {
  const tenant = requireTenant(context, tenantSegment, form);
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

/** The multi-tenant authorities know the tenant only by what a code or refresh token was issued for. */
function requireTenant(context: EmulatorContext, segment: string, form: ReadonlyMap<string, string>): Tenant {
  const tenant = context.directory.tenant(segment);
  if (tenant) return tenant;
  if (!MULTI_TENANT.has(segment.toLowerCase())) throw refuse(90002, { tenant: segment });
  const code = form.get("code");
  const refresh = form.get("refresh_token");
  const tenantId = code ? context.codes.tenantOf(code) : refresh && context.refreshTokens.find(refresh)?.tenantId;
  const implied = tenantId ? context.directory.tenant(tenantId) : undefined;
  if (!implied) throw refuse(50059);
  return implied;
}
