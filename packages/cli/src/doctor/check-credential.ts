import {
  type AgentAuth,
  type AgentAuthErrorCode,
  type AgentAuthOptions,
  type CredentialCheck,
  createAgentAuth,
  isAgentAuthError,
} from "@agent-auth/core";
import { describeFailure } from "../io/failure.js";
import { type Finding, found } from "./finding.js";

/** Microsoft Graph by its application id, which is the same in every cloud and tenant. */
const probeScope = "00000003-0000-0000-c000-000000000000/.default";

/** Errors that say nothing against the credential: Entra took it, and refused something else. */
const credentialTaken: ReadonlySet<AgentAuthErrorCode> = new Set(["exchange_refused", "consent_required"]);

/** A certificate that ends in fewer days is warned of. */
const warnDays = 30;

/** Loads each credential, looks when certificates end, and proves to Entra the one that is used. */
export async function checkCredential(options: AgentAuthOptions): Promise<readonly Finding[]> {
  const auth = createAgentAuth({
    ...options,
    agentIdentity: undefined,
    downstreamApis: { probe: { scopes: [probeScope], requestAppToken: true } },
  });
  try {
    const loaded = (await auth.checkCredentials()).flatMap(findingsOf);
    return [...loaded, await proveToEntra(auth)];
  } finally {
    await auth.close();
  }
}

function findingsOf({ sourceType, loaded, detail, expiresOn }: CredentialCheck, index: number): Finding[] {
  const check = `credential ${index} (${sourceType})`;
  if (!loaded) return [found.failed(check, detail ?? "It does not load.")];
  if (expiresOn === undefined) return [found.ok(check, "It loads.")];
  const days = Math.floor((expiresOn.getTime() - Date.now()) / 86_400_000);
  const day = expiresOn.toISOString().slice(0, 10);
  return days < warnDays
    ? [found.warning(check, `Its certificate expires in ${days} days, on ${day}. Renew it.`)]
    : [found.ok(check, `It loads; its certificate is good until ${day}.`)];
}

/** Asks for an app-only token, which needs nothing but the credential. */
async function proveToEntra(auth: AgentAuth): Promise<Finding> {
  try {
    await auth.forApp().headerFor("probe");
    return found.ok("credential", "Entra accepts the client credential.");
  } catch (error) {
    if (isAgentAuthError(error) && credentialTaken.has(error.code)) {
      return found.ok("credential", "Entra accepts the client credential.");
    }
    return found.failed("credential", describeFailure(error));
  }
}
