import type { JWTPayload } from "jose";
import { type EmulatorContext, issuerV2 } from "../context.js";
import type { Application, Blueprint, Client } from "../directory/entities.js";
import { blueprintOf } from "../directory/permissions.js";
import { authenticateClient } from "./client-authentication.js";
import { strengthOf } from "./conditional-access.js";
import { issueDelegated, requirePerson } from "./delegated-token.js";
import { iso } from "./exchange-token.js";
import type { Issued } from "./issue.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";
import { lifetimeOf, verifyIssued } from "./verify-issued.js";

/**
 * `urn:ietf:params:oauth:grant-type:jwt-bearer`: an API exchanges the token it was called with for one of another API.
 * An agent identity does so with the token that was meant for its blueprint.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 * @see https://learn.microsoft.com/entra/agent-id/agent-on-behalf-of-oauth-flow
 */
export async function onBehalfOf(context: EmulatorContext, request: TokenRequest): Promise<Issued> {
  const { client, strength } = await authenticateClient(context, request);
  const assertion = request.require("assertion");
  const use = request.require("requested_token_use");
  if (use !== "on_behalf_of") throw refuse(90023, { reason: `Unsupported requested_token_use '${use}'.` });
  const scope = request.require("scope");
  const claims = await requireUserAssertion(context, request, client, assertion);
  const person = requirePerson(context, request, String(claims.oid));
  return issueDelegated(context, request, { client, strength, person, scope, signedIn: strengthOf(claims) });
}

async function requireUserAssertion(
  context: EmulatorContext,
  request: TokenRequest,
  client: Client,
  assertion: string,
): Promise<JWTPayload> {
  const issued = await verifyIssued(context, assertion);
  if (issued === "malformed") throw refuse(50027, { reason: "The assertion is not a JWT" });
  if (issued === "unknown-key") throw refuse(50013, { reason: "The key was not found." });
  if (issued === "bad-signature") {
    throw refuse(50013, { reason: "Key was found, but use of the key to verify the signature failed." });
  }
  if (issued === "wrong-issuer" || issued.tenantId !== request.tenant.id) {
    throw refuse(50013, { reason: `The assertion was not issued by ${issuerV2(context, request.tenant.id)}.` });
  }
  const { claims } = issued;
  requireAudience(context, client, claims);
  const now = context.clock.seconds();
  if (lifetimeOf(claims, now) !== "valid") throw refuse(500133, { now: iso(now), expires: iso(claims.exp) });
  if (claims.idtyp === "app" || !claims.scp) throw refuse(7000114, { client: client.clientId });
  return claims;
}

function requireAudience(context: EmulatorContext, client: Client, claims: JWTPayload): void {
  const api = client.kind === "agent-identity" ? blueprintOf(context.directory, client) : client;
  const expected = api ? audiencesOf(api) : [];
  if (typeof claims.aud === "string" && expected.includes(claims.aud.toLowerCase())) return;
  throw refuse(50013, {
    reason: `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${String(claims.aud)}' and the expected audience is one of: ${expected.join(", ")}.`,
  });
}

function audiencesOf(api: Application | Blueprint): string[] {
  const uris = api.api?.identifierUris ?? [];
  return [api.clientId, `api://${api.clientId}`, ...uris].map((uri) => uri.toLowerCase());
}
