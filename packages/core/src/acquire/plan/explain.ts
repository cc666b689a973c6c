import { grantOf, type Leg, type LegCredential } from "./leg.js";
import type { Flow, Plan } from "./plan.js";

/** One leg, explained. */
export interface ExplainedLeg {
  readonly kind: Leg["kind"];
  /** The `grant_type` on the wire. */
  readonly grant: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Kind of the configured credential, or the earlier leg whose token is the credential. */
  readonly credential: string;
  /** Whether its token is in the cache now. */
  readonly cached: boolean;
}

/** What a call would ask of Entra. Holds no secret; `toString()` is for people. */
export interface Explanation {
  readonly service: string;
  readonly flow: Flow;
  readonly legs: readonly ExplainedLeg[];
  toString(): string;
}

/** Explains a plan. */
export function explainPlan(init: {
  readonly service: string;
  readonly plan: Plan;
  readonly cached: readonly boolean[];
  readonly credentialKind: string;
}): Explanation {
  const { service, plan, cached, credentialKind } = init;
  const legs = plan.legs.map((leg, index): ExplainedLeg => {
    const { kind, tenantId, clientId, scopes, credential } = leg;
    return {
      kind,
      grant: grantOf[kind],
      tenantId,
      clientId,
      scopes,
      credential: credentialOf(credential, credentialKind),
      cached: cached[index] ?? false,
    };
  });
  const lines = legs.map(
    (leg, index) =>
      `  ${index + 1}. ${leg.kind} (${leg.grant}) as ${leg.clientId} in ${leg.tenantId} for ${leg.scopes.join(" ")}, authenticated by ${leg.credential}, ${leg.cached ? "cached" : "not cached"}`,
  );
  return { service, flow: plan.flow, legs, toString: () => [`${service}: ${plan.flow}`, ...lines].join("\n") };
}

function credentialOf(credential: LegCredential, configuredKind: string): string {
  if (credential === "configured") return configuredKind;
  return credential === "none" ? "the machine itself" : `token of leg ${credential + 1}`;
}
