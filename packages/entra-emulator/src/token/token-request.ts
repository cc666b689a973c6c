import type { FastifyRequest } from "fastify";
import type { Tenant } from "../directory/entities.js";
import { refuse } from "./token-error.js";

/** A request to the token endpoint whose form was read. */
export interface TokenRequest {
  readonly tenant: Tenant;
  /** The tenant as the URL named it: id, domain, `common` or `organizations`. */
  readonly tenantSegment: string;
  readonly grant: string;
  readonly clientId: string;
  readonly correlationId: string;
  /** The value of a parameter; an empty one counts as absent, as it does at Entra. */
  get(name: string): string | undefined;
  /** The value of a parameter. @throws {TokenError} 900144 when it is absent */
  require(name: string): string;
}

/**
 * Reads the form of a request. A body of another content type is no form, so every parameter is missing, which is how
 * Entra answers it.
 *
 * @throws {TokenError} 9000411 when a parameter came twice
 */
export function readForm(request: FastifyRequest): Map<string, string> {
  const form = new Map<string, string>();
  const { body } = request;
  const isForm = request.headers["content-type"]?.toLowerCase().startsWith("application/x-www-form-urlencoded");
  if (!isForm || typeof body !== "object" || body === null) return form;
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value)) throw refuse(9000411, { parameter: name });
    if (typeof value === "string" && value !== "") form.set(name, value);
  }
  return form;
}

/** Reads what there is of a form, for the record and for faults. */
export function readFormQuietly(request: FastifyRequest): Map<string, string> {
  try {
    return readForm(request);
  } catch {
    return new Map();
  }
}

/** Reads one parameter. @throws {TokenError} 900144 when it is absent */
export function requireParameter(form: ReadonlyMap<string, string>, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw refuse(900144, { parameter: name });
  return value;
}

const secretParameters = new Set([
  "client_secret",
  "client_assertion",
  "assertion",
  "user_federated_identity_credential",
  "refresh_token",
  "code",
  "code_verifier",
  "password",
]);

/** The form for the record: what is secret is replaced by `***`. */
export function maskForm(form: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...form].map(([name, value]) => [name, secretParameters.has(name) ? "***" : value]));
}
