import type { FastifyRequest } from "fastify";
import { readFormQuietly } from "../token/token-request.js";
import { decodeClaims } from "../token/verify-issued.js";
import type { FaultTarget } from "./faults.js";
import type { FaultEndpoint } from "./schema.js";

const byRoute: Readonly<Record<string, FaultEndpoint>> = {
  "/:tenant/oauth2/v2.0/token": "token",
  "/:tenant/oauth2/v2.0/authorize": "authorize",
  "/:tenant/discovery/keys": "keys",
  "/:tenant/discovery/v2.0/keys": "keys",
  "/:tenant/.well-known/openid-configuration": "metadata",
  "/:tenant/v2.0/.well-known/openid-configuration": "metadata",
  "/common/discovery/instance": "metadata",
  "/metadata/identity/oauth2/token": "managed-identity",
  "/msi/token": "managed-identity",
};

/** Says what a request is, or nothing when no fault can hit it (the control endpoints). */
export function faultTargetOf(request: FastifyRequest): FaultTarget | undefined {
  const route = request.routeOptions.url ?? "";
  if (route.startsWith("/graph/v1.0")) return graphTarget(request);
  const endpoint = Object.hasOwn(byRoute, route) ? byRoute[route] : undefined;
  if (!endpoint) return undefined;
  const { tenant } = request.params as { tenant?: string };
  if (endpoint !== "token") return { endpoint, tenant, users: [] };
  const form = readFormQuietly(request);
  const assertion = form.get("assertion");
  return {
    endpoint,
    tenant,
    grant: form.get("grant_type"),
    clientId: form.get("client_id"),
    users: [form.get("username"), form.get("user_id"), ...usersOf(assertion)].filter((user) => user !== undefined),
  };
}

function graphTarget(request: FastifyRequest): FaultTarget {
  const token = request.headers.authorization?.replace(/^Bearer +/i, "");
  const claims = token ? decodeClaims(token) : undefined;
  const clientId = claims?.appid ?? claims?.azp;
  return {
    endpoint: "graph",
    tenant: typeof claims?.tid === "string" ? claims.tid : undefined,
    clientId: typeof clientId === "string" ? clientId : undefined,
    users: usersOf(token),
  };
}

function usersOf(token: string | undefined): string[] {
  const claims = token ? decodeClaims(token) : undefined;
  return [claims?.oid, claims?.upn, claims?.preferred_username].filter((user) => typeof user === "string");
}
