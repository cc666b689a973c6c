import type { EmulatorContext } from "../context.js";
import type { Application, Person } from "../directory/entities.js";
import { refuse, type TokenError } from "../token/token-error.js";

const MULTI_TENANT = new Set(["common", "organizations"]);
const responseModes = ["query", "fragment", "form_post"] as const;

/** A valid request to the authorization endpoint. */
export interface AuthorizationRequest {
  readonly client: Application;
  /** Tenants whose users may sign in. */
  readonly tenantIds: readonly string[];
  readonly redirectUri: string;
  readonly responseMode: (typeof responseModes)[number];
  readonly scope: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly claims: string | undefined;
  readonly loginHint: string | undefined;
  readonly silent: boolean;
}

/** A mistake of which the client may be told, since its redirect URI is known to be its own. */
export interface RedirectableMistake {
  readonly mistake: TokenError;
  readonly request: Pick<AuthorizationRequest, "redirectUri" | "responseMode" | "state">;
}

/**
 * Reads a request to the authorization endpoint.
 *
 * @throws {TokenError} for what must be shown to the person rather than sent to an address that may not be the client's
 */
export function readAuthorizationRequest(
  context: EmulatorContext,
  segment: string,
  params: ReadonlyMap<string, string>,
): AuthorizationRequest | RedirectableMistake {
  const tenantIds = tenantsOf(context, segment);
  const client = requireClient(context, tenantIds, params);
  const redirectUri = params.get("redirect_uri") ?? "";
  if (!client.redirectUris.includes(redirectUri)) throw refuse(50011, { redirectUri, client: client.clientId });

  const state = params.get("state");
  const responseMode = responseModes.find((mode) => mode === params.get("response_mode")) ?? "query";
  const mistake = mistakeOf(client, params);
  if (mistake) return { mistake, request: { redirectUri, responseMode, state } };
  return {
    client,
    redirectUri,
    responseMode,
    state,
    tenantIds: context.directory.tenantsOf(client).filter((tenant) => tenantIds.includes(tenant)),
    scope: params.get("scope") ?? "",
    nonce: params.get("nonce"),
    codeChallenge: params.get("code_challenge"),
    claims: params.get("claims"),
    loginHint: params.get("login_hint"),
    silent: params.get("prompt") === "none",
  };
}

/** The people who can sign in to a request: humans of its tenants. */
export function candidatesOf(context: EmulatorContext, request: AuthorizationRequest): Person[] {
  return context.directory.users.filter((user) => user.enabled && request.tenantIds.includes(user.tenant));
}

function tenantsOf(context: EmulatorContext, segment: string): string[] {
  if (MULTI_TENANT.has(segment.toLowerCase())) return context.directory.tenants.map((tenant) => tenant.id);
  const tenant = context.directory.tenant(segment);
  if (!tenant) throw refuse(90002, { tenant: segment });
  return [tenant.id];
}

function requireClient(
  context: EmulatorContext,
  tenantIds: readonly string[],
  params: ReadonlyMap<string, string>,
): Application {
  const clientId = params.get("client_id");
  if (!clientId) throw refuse(900144, { parameter: "client_id" });
  const client = context.directory.clientAnywhere(clientId);
  if (!client || !context.directory.tenantsOf(client).some((tenant) => tenantIds.includes(tenant))) {
    throw refuse(700016, { client: clientId, tenant: tenantIds.join(", ") });
  }
  if (client.kind !== "application") throw refuse(82014, { client: client.clientId });
  if (!client.enabled) throw refuse(7000112, { client: client.clientId, name: client.displayName });
  if (tenantIds.length > 1 && !client.multiTenant) {
    throw refuse(50194, { client: client.clientId, name: client.displayName });
  }
  return client;
}

function mistakeOf(client: Application, params: ReadonlyMap<string, string>): TokenError | undefined {
  const responseType = params.get("response_type");
  if (!responseType) return refuse(900144, { parameter: "response_type" });
  if (responseType !== "code") return refuse(700054, { responseType });
  if (!params.get("scope")) return refuse(900144, { parameter: "scope" });
  const method = params.get("code_challenge_method");
  const challenge = params.get("code_challenge");
  if (challenge && method !== "S256") {
    return refuse(90023, { reason: "The parameter 'code_challenge_method' must be S256." });
  }
  if (client.publicClient && !challenge) return refuse(9002325);
  return undefined;
}
