import { hash } from "node:crypto";
import type { Flow } from "../acquire/plan/plan.js";
import type { PreparedPlan } from "../acquire/plan/plan-memo.js";
import { resourceOf } from "../acquire/plan/scopes.js";
import type { Caller } from "../token/caller.js";

/** One use of a token, for the audit: who acted, for whom, on what. */
export interface TokenUsedEvent {
  /** Name of the downstream API. */
  readonly service: string;
  readonly flow: Flow;
  readonly tenantId: string;
  /** Client id (GUID) of the agent identity that acted, if one did. */
  readonly agentIdentity: string | undefined;
  /** Client id (GUID) of the blueprint or app. */
  readonly blueprint: string;
  /** SHA-256 of the user's tenant and object id (or, for an agent user, name), base64url; absent for app-only tokens. */
  readonly userHash: string | undefined;
  /** App id or URI of the resource. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** The id that the call brought, or that was sent to Entra for it; absent when a cached token served a call without one. */
  readonly correlationId: string | undefined;
}

/** Describes a use of a plan's token. */
export function tokenUsed(init: {
  readonly service: string;
  readonly plan: PreparedPlan;
  readonly caller: Caller | undefined;
  readonly blueprint: string;
  readonly correlationId: string | undefined;
}): TokenUsedEvent {
  const { service, plan, caller, blueprint, correlationId } = init;
  const leg = plan.legs.at(-1);
  const [first] = plan.legs;
  return {
    service,
    flow: plan.flow,
    tenantId: leg?.tenantId ?? "",
    agentIdentity: first?.kind === "exchange" ? first.fmiPath : undefined,
    blueprint,
    userHash: userHashOf(plan, caller),
    resource: resourceOf(leg?.scopes[0] ?? ""),
    scopes: leg?.scopes ?? [],
    correlationId,
  };
}

function userHashOf(plan: PreparedPlan, caller: Caller | undefined): string | undefined {
  const leg = plan.legs.at(-1);
  switch (leg?.kind) {
    case "agent-user":
      return sha256([leg.tenantId, "username" in leg.user ? leg.user.username : leg.user.userId]);
    case "on-behalf-of":
      return caller !== undefined && "userId" in caller ? sha256([caller.tenantId, caller.userId]) : undefined;
    case "long-running":
      return leg.session;
    default:
      return undefined;
  }
}

function sha256(parts: readonly string[]): string {
  return hash("sha256", JSON.stringify(parts), "base64url");
}
