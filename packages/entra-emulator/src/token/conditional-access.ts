import type { JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import { derivedGuid } from "../directory/directory.js";
import type { ConditionalAccessRule } from "../directory/entities.js";
import type { ClaimsRequest } from "./claims-request.js";
import { refuse } from "./token-error.js";

/** How strongly the person behind a delegated token has signed in. */
export interface SignInStrength {
  readonly mfa: boolean;
  /** Authentication contexts that were satisfied. */
  readonly acrs: readonly string[];
}

/** An access that Conditional Access looks at. */
export interface GuardedAccess {
  readonly tenantId: string;
  /** App id of the API. */
  readonly resource: string;
  readonly clientId: string;
  readonly userId: string;
}

/** Reads from a token how strongly its user had signed in. */
export function strengthOf(claims: JWTPayload): SignInStrength {
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return { mfa: list(claims.amr).includes("mfa"), acrs: list(claims.acrs) };
}

/**
 * Applies the Conditional Access rules of a tenant to a delegated token before it is issued. A rule that asks for an
 * authentication context is for the API to enforce; here it matters only when the request asks for that context.
 *
 * @throws {TokenError} 53003 blocked; 50076 with a claims challenge when the user must do more
 * @see https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide
 */
export function applyConditionalAccess(
  context: EmulatorContext,
  access: GuardedAccess,
  { signedIn, asked }: { signedIn: SignInStrength; asked: ClaimsRequest },
): void {
  for (const rule of rulesFor(context, access)) {
    if (rule.require === "block") throw refuse(53003, { resource: access.resource });
    if (rule.require === "mfa" && !signedIn.mfa) throw interactionRequired(access, "capolids", policyId(rule));
  }
  const missing = asked.acrs.find((acr) => !signedIn.acrs.includes(acr));
  if (missing) throw interactionRequired(access, "acrs", missing);
}

/** The authentication context that an API must still ask a token for, if any. */
export function missingAuthenticationContext(
  context: EmulatorContext,
  access: GuardedAccess,
  claims: JWTPayload,
): string | undefined {
  const { acrs } = strengthOf(claims);
  return rulesFor(context, access)
    .filter((rule) => rule.require === "claims")
    .map((rule) => rule.authenticationContext)
    .find((acr) => !acrs.includes(acr));
}

/** Whether an interactive sign-in must ask for a second factor. */
export function demandsMfa(context: EmulatorContext, access: GuardedAccess): boolean {
  return rulesFor(context, access).some((rule) => rule.require === "mfa");
}

/** The JSON of a claims challenge for one claim of the access token. */
export function claimsChallenge(claim: string, value: string): string {
  return JSON.stringify({ access_token: { [claim]: { essential: true, values: [value] } } });
}

function interactionRequired({ resource }: GuardedAccess, claim: string, value: string) {
  return refuse(50076, { resource }, claimsChallenge(claim, value));
}

function policyId(rule: ConditionalAccessRule): string {
  return derivedGuid(`policy/${rule.tenant}/${rule.resource}`);
}

function rulesFor(context: EmulatorContext, access: GuardedAccess): ConditionalAccessRule[] {
  return context.directory.conditionalAccess.filter(
    (rule) =>
      rule.tenant === access.tenantId &&
      context.directory.resource(access.tenantId, rule.resource)?.appId === access.resource &&
      (rule.users?.includes(access.userId) ?? true) &&
      (rule.clients?.includes(access.clientId) ?? true),
  );
}
