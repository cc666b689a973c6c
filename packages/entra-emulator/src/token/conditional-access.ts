import type { EmulatorContext } from "../context.js";
import type { ConditionalAccessRule, Resource } from "../directory/entities.js";
import { refuse } from "./token-error.js";

interface Access {
  readonly tenantId: string;
  readonly resource: Resource;
  readonly clientId: string;
  readonly userId: string;
  /** The `claims` parameter of the request: JSON that answers a challenge. */
  readonly claims?: string | undefined;
  /** Authentication contexts that the assertion or code already satisfied. */
  readonly satisfied?: readonly string[];
}

/**
 * Applies the Conditional Access rules of a tenant to a delegated token.
 *
 * @throws {TokenError} 53003 blocked, 50076 MFA, 53005 authentication context; the last two carry a claims challenge
 * @see https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide
 */
export function applyConditionalAccess(context: EmulatorContext, access: Access): void {
  const rules = context.directory.conditionalAccess.filter((rule) => applies(context, rule, access));
  for (const rule of rules) {
    const resource = access.resource.appId;
    if (rule.require === "block") throw refuse(53003, { resource });
    const context_ = rule.require === "mfa" ? "urn:emulator:mfa" : rule.authenticationContext;
    if (access.satisfied?.includes(context_)) continue;
    if (rule.require === "mfa") throw refuse(50076, { resource }, challenge("capolids", rule.resource));
    throw refuse(53005, { resource }, challenge("acrs", rule.authenticationContext));
  }
}

/** The JSON of a challenge for one claim of the access token. */
function challenge(claim: string, value: string): string {
  return JSON.stringify({ access_token: { [claim]: { essential: true, values: [value] } } });
}

function applies(context: EmulatorContext, rule: ConditionalAccessRule, access: Access): boolean {
  return (
    rule.tenant === access.tenantId &&
    context.directory.resource(access.tenantId, rule.resource)?.appId === access.resource.appId &&
    (rule.users?.includes(access.userId) ?? true) &&
    (rule.clients?.includes(access.clientId) ?? true)
  );
}
