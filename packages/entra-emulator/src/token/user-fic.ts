import type { EmulatorContext } from "../context.js";
import type { AgentUser } from "../directory/entities.js";
import { authenticateClient } from "./client-authentication.js";
import { issueDelegated, requirePerson } from "./delegated-token.js";
import { requireExchangeToken } from "./exchange-token.js";
import type { Issued } from "./issue.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";

/**
 * `user_fic`: an agent identity obtains a token as its own agent user, with T1 as client assertion and T2 as the user's
 * federated credential.
 *
 * @see https://learn.microsoft.com/entra/agent-id/agent-user-oauth-flow
 */
export async function userFic(context: EmulatorContext, request: TokenRequest): Promise<Issued> {
  const { client, strength } = await authenticateClient(context, request);
  const credential = request.require("user_federated_identity_credential");
  const wanted = requireOneIdentifier(request);
  const scope = request.require("scope");
  const use = request.get("requested_token_use");
  if (use && use !== "on_behalf_of") throw refuse(90023, { reason: `Unsupported requested_token_use '${use}'.` });

  const { claims, tenantId } = await requireExchangeToken(context, credential);
  const subject = String(claims.sub);
  if (tenantId !== request.tenant.id) throw refuse(700211, { issuer: String(claims.iss) });
  // T1 in the place of T2 fails here: its subject is a path, not the agent identity.
  if (subject !== client.clientId || claims.azp !== client.clientId) throw refuse(700213, { subject });

  const person = requirePerson(context, request, wanted);
  if (person.kind !== "agent-user" || !belongsTo(person, client.clientId)) throw refuse(700213, { subject });
  // Nobody sits in front of an agent user, so it can prove nothing beyond its credential.
  return issueDelegated(context, request, { client, strength, person, scope, signedIn: { mfa: false, acrs: [] } });
}

function requireOneIdentifier(request: TokenRequest): string {
  const username = request.get("username");
  const userId = request.get("user_id");
  if (username && userId) {
    throw refuse(90023, { reason: "The parameters 'username' and 'user_id' exclude each other. Send exactly one." });
  }
  return username ?? userId ?? request.require("username");
}

function belongsTo(agentUser: AgentUser, agentIdentity: string): boolean {
  return agentUser.agentIdentity === agentIdentity;
}
