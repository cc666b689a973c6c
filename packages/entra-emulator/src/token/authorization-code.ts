import { createHash } from "node:crypto";
import type { AuthorizationGrant } from "../authorize/codes.js";
import type { EmulatorContext } from "../context.js";
import { authenticateClient } from "./client-authentication.js";
import { issueDelegated, requirePerson } from "./delegated-token.js";
import type { Issued } from "./issue.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

/**
 * `authorization_code`, with PKCE.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 * @see https://www.rfc-editor.org/rfc/rfc7636
 */
export async function authorizationCode(context: EmulatorContext, request: TokenRequest): Promise<Issued> {
  const { client, strength } = await authenticateClient(context, request, true);
  const grant = requireGrant(context, request, client.clientId);
  const person = requirePerson(context, request, grant.userId);
  const scope = request.get("scope") ?? grant.scope;
  const { signedIn, nonce } = grant;
  return issueDelegated(context, request, { client, strength, person, scope, signedIn, nonce });
}

function requireGrant(context: EmulatorContext, request: TokenRequest, clientId: string): AuthorizationGrant {
  const code = request.require("code");
  const redirectUri = request.require("redirect_uri");
  const grant = context.codes.redeem(code);
  if (grant === "redeemed") throw refuse(54005);
  if (grant === "expired") throw refuse(70008);
  if (grant === "unknown" || grant.clientId !== clientId || grant.tenantId !== request.tenant.id) {
    throw refuse(70000, { reason: "The authorization code is not valid for this client." });
  }
  if (grant.redirectUri !== redirectUri) throw refuse(500112, { given: redirectUri, expected: grant.redirectUri });
  if (grant.codeChallenge && !matchesChallenge(request.get("code_verifier"), grant.codeChallenge)) throw refuse(501481);
  return grant;
}

function matchesChallenge(verifier: string | undefined, challenge: string): boolean {
  return verifier !== undefined && createHash("sha256").update(verifier).digest("base64url") === challenge;
}
