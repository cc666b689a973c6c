import { createHash, timingSafeEqual } from "node:crypto";
import type { EmulatorContext } from "../context.js";
import type { Application, Blueprint, Client } from "../directory/entities.js";
import type { ClientStrength } from "./access-token.js";
import { requireClientAssertion } from "./client-assertion.js";
import { requireExchangeTokenFor } from "./exchange-token.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A client that proved who it is. */
export interface AuthenticatedClient {
  readonly client: Client;
  readonly strength: ClientStrength;
}

/**
 * Finds the client of a request and checks its credential.
 *
 * @param allowPublic whether a public client may go without a credential (authorization code and refresh token)
 * @throws {TokenError} 700016 unknown, 7000112 disabled, 7000215 / 7000222 secret, 700021…700213 assertion
 */
export async function authenticateClient(
  context: EmulatorContext,
  request: TokenRequest,
  allowPublic = false,
): Promise<AuthenticatedClient> {
  const client = requireClient(context, request);
  const secret = request.get("client_secret");
  const assertion = request.get("client_assertion");
  if (client.kind === "application" && client.publicClient) {
    if (secret || assertion) throw refuse(700025);
    if (!allowPublic) throw refuse(7000218);
    return { client, strength: "0" };
  }
  if (assertion) {
    const type = request.require("client_assertion_type");
    if (type !== JWT_BEARER) throw refuse(90023, { reason: `Unsupported client_assertion_type '${type}'.` });
    if (client.kind === "agent-identity") await requireExchangeTokenFor(context, client, assertion);
    else await requireClientAssertion(context, client, request, assertion);
    return { client, strength: "2" };
  }
  if (!secret) {
    throw request.grant === "client_credentials" ? refuse(7000216, { grant: request.grant }) : refuse(7000218);
  }
  // An agent identity has no credential of its own, so no secret can be right.
  if (client.kind === "agent-identity") throw refuse(7000215, { client: client.clientId });
  requireSecret(context, client, secret);
  return { client, strength: "1" };
}

function requireClient(context: EmulatorContext, request: TokenRequest): Client {
  const client = context.directory.client(request.tenant.id, request.clientId);
  if (!client) {
    throw refuse(700016, { client: request.clientId, tenant: request.tenant.displayName ?? request.tenant.domain });
  }
  if (!client.enabled) throw refuse(7000112, { client: client.clientId, name: client.displayName });
  return client;
}

function requireSecret(context: EmulatorContext, client: Application | Blueprint, presented: string): void {
  const known = client.secrets.find((secret) => sameSecret(secret.value, presented));
  if (!known) throw refuse(7000215, { client: client.clientId });
  if (known.expires && Date.parse(known.expires) <= context.clock.now()) {
    throw refuse(7000222, { client: client.clientId });
  }
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
