import type { EmulatorContext } from "../context.js";
import { authenticateClient } from "./client-authentication.js";
import { issueDelegated, requirePerson } from "./delegated-token.js";
import type { Issued } from "./issue.js";
import { REFRESH_TOKEN_LIFETIME, type RefreshGrant } from "./refresh-tokens.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

/**
 * `refresh_token`: bound to the client and the user that it was issued for. Every redemption brings a new one; the old
 * one keeps working until it expires, as Entra's do. An agent identity authenticates with T1 here as well.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
export async function refreshToken(context: EmulatorContext, request: TokenRequest): Promise<Issued> {
  const { client, strength } = await authenticateClient(context, request, true);
  const grant = requireGrant(context, request, client.clientId);
  const person = requirePerson(context, request, grant.userId);
  const asked = request.get("scope");
  // Whoever redeems a refresh token gets the next one, also when the request does not say offline_access again.
  const scope = asked ? `${asked} offline_access` : grant.scope;
  return issueDelegated(context, request, { client, strength, person, scope, signedIn: grant.signedIn });
}

function requireGrant(context: EmulatorContext, request: TokenRequest, clientId: string): RefreshGrant {
  const grant = context.refreshTokens.find(request.require("refresh_token"));
  if (!grant) throw refuse(70000, { reason: "The refresh token is unknown." });
  if (grant.clientId !== clientId || grant.tenantId !== request.tenant.id) {
    throw refuse(70000, { reason: "The refresh token was issued to another client or tenant." });
  }
  if (context.clock.seconds() >= grant.issuedAt + REFRESH_TOKEN_LIFETIME) throw refuse(700082);
  const revokedAt = context.revocations.revokedAt(grant.userId);
  if (revokedAt !== undefined && grant.issuedAt <= revokedAt) throw refuse(50173);
  return grant;
}
