import type { AcquireOptions } from "../acquire/acquire-context.js";
import type { Leg } from "../acquire/plan/leg.js";
import type { Plan } from "../acquire/plan/plan.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import { configuredAtSidecar } from "./sidecar-planner.js";

/** A header that is asked of the sidecar. */
export interface SidecarRequest {
  /** Whether the route is the one that wants no token. */
  readonly authenticated: boolean;
  readonly query: URLSearchParams;
}

const tokenOptions = "optionsOverride.AcquireTokenOptions.";

/**
 * Says in the sidecar's words what a plan means.
 * @param tenantId the tenant in which the sidecar asks unless told otherwise
 * @throws AgentAuthError `options_invalid` for what no sidecar can be asked
 */
export function sidecarRequest(plan: Plan, options: AcquireOptions, tenantId: string): SidecarRequest {
  const last = plan.legs.at(-1) as Leg;
  const query = new URLSearchParams();
  for (const scope of last.scopes)
    if (!scope.startsWith(configuredAtSidecar)) query.append("optionsOverride.Scopes", scope);
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) query.set(name, value);
  };
  if (last.tenantId !== tenantId) set(`${tokenOptions}Tenant`, last.tenantId);
  set(`${tokenOptions}Claims`, options.claims);
  set(`${tokenOptions}CorrelationId`, options.correlationId);
  if (options.forceRefresh) set(`${tokenOptions}ForceRefresh`, "true");

  // On behalf of the caller is what happens when nothing else is said; all else must be.
  const appOnly = plan.flow === "app-only" || plan.flow === "autonomous-agent";
  if (appOnly) set("optionsOverride.RequestAppToken", "true");
  if (plan.flow !== "app-only" && last.kind !== "managed-identity" && plan.flow !== "on-behalf-of") {
    set("AgentIdentity", last.clientId);
  }
  switch (last.kind) {
    case "agent-user":
      set("username" in last.user ? "AgentUsername" : "AgentUserId", Object.values(last.user)[0]);
      break;
    case "client-credentials":
      set(`${tokenOptions}FmiPath`, last.fmiPath);
      break;
    case "managed-identity":
      if (last.clientId === "system-assigned") throw unsupported("the system-assigned managed identity");
      set("optionsOverride.RequestAppToken", "true");
      set(`${tokenOptions}ManagedIdentity.UserAssignedClientId`, last.clientId);
      break;
    case "long-running":
      throw unsupported("a long-running session");
  }
  return { authenticated: options.assertion !== undefined, query };
}

function unsupported(what: string): AgentAuthError {
  return new AgentAuthError("options_invalid", {
    detail: `A sidecar cannot be asked for ${what}. Use the credential in this process instead of sidecarUrl.`,
  });
}
