import { type AgentAuthErrorCode, type AgentAuthOptions, createAgentAuth, isAgentAuthError } from "@agent-auth/core";
import { describeFailure } from "../io/failure.js";
import { type Finding, found } from "./finding.js";

/** Microsoft Graph by its application id, which is the same in every cloud and tenant. */
const probeScope = "00000003-0000-0000-c000-000000000000/.default";

/** Errors that say nothing against the credential: Entra took it, and refused something else. */
const credentialTaken: ReadonlySet<AgentAuthErrorCode> = new Set(["exchange_refused", "consent_required"]);

/** Proves the client credential to Entra: asks for an app-only token, which needs nothing else. */
export async function checkCredential(options: AgentAuthOptions): Promise<Finding> {
  const auth = createAgentAuth({
    ...options,
    agentIdentity: undefined,
    downstreamApis: { probe: { scopes: [probeScope], requestAppToken: true } },
  });
  try {
    await auth.forApp().headerFor("probe");
    return found.ok("credential", "Entra accepts the client credential.");
  } catch (error) {
    if (isAgentAuthError(error) && credentialTaken.has(error.code)) {
      return found.ok("credential", "Entra accepts the client credential.");
    }
    return found.failed("credential", describeFailure(error));
  } finally {
    await auth.close();
  }
}
