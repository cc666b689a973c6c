import { AgentAuthError } from "../../errors/agent-auth-error.js";
import { isGuid } from "../../guid.js";
import { multiTenantWords } from "../../options/schema.js";
import { type Caller, isDelegated } from "../../token/caller.js";
import {
  type AgentUserName,
  type ClientCredentialsLeg,
  type ExchangeLeg,
  type Leg,
  type LegCredential,
  type LongRunningLeg,
  type OnBehalfOfLeg,
  tokenExchangeScope,
} from "./leg.js";
import { appScopes, delegatedScopes, type ScopeInput } from "./scopes.js";

/** What a plan is for, in one word. */
export type Flow =
  | "app-only"
  | "on-behalf-of"
  | "autonomous-agent"
  | "agent-on-behalf-of-user"
  | "agent-user"
  | "managed-identity";

/** The legs that lead to a token, in order; the last one's token is the result. */
export interface Plan {
  readonly flow: Flow;
  readonly legs: readonly Leg[];
}

/** Everything that selects a token. */
export interface PlanInput extends ScopeInput {
  /** Client id (GUID) of the blueprint or app. */
  readonly clientId: string;
  /** Tenant GUID or domain in which tokens are asked for. */
  readonly tenantId: string;
  /** Who called; absent for background work. */
  readonly caller: Caller | undefined;
  /** Client id (GUID) of the agent identity that acts. */
  readonly agentIdentity: string | undefined;
  readonly agentUsername: string | undefined;
  readonly agentUserId: string | undefined;
  /** Act as the application or the autonomous agent, whoever called. */
  readonly requestAppToken: boolean;
  /** Path of a federated managed identity, for an app-only token of the app itself. */
  readonly fmiPath: string | undefined;
  /** The machine's managed identity instead of the app: system-assigned, or by client id (GUID). */
  readonly managedIdentity: "system-assigned" | string | undefined;
  /** SHA-256 of a long-running session's key: the session's user, present or not, is who is acted for. */
  readonly session: string | undefined;
}

/**
 * Decides the flow and its legs. Pure: no I/O, no clock, no state.
 *
 * - a managed identity → straight to the resource, whoever called
 * - an agent identity and a username or user id → agent user
 * - `requestAppToken`, or nobody called and no session: with an agent identity → autonomous agent; without → app-only
 * - a delegated caller or a session: with an agent identity → agent on behalf of the user; without → on-behalf-of
 * - an app-only caller: with an agent identity → autonomous agent; without → refused
 *
 * @throws AgentAuthError `agent_identity_invalid`, `agent_user_without_agent_identity`, `agent_user_ambiguous`,
 *   `agent_user_id_invalid`, `service_scopes_missing`, `service_scopes_invalid`, `app_only_caller`, `tenant_required`,
 *   `fmi_path_refused`
 */
export function plan(input: PlanInput): Plan {
  if (input.managedIdentity !== undefined) return managedIdentityPlan(input, input.managedIdentity);
  const user = agentUserOf(input);
  const agentIdentity = agentIdentityOf(input);
  const { caller, session } = input;
  const appOnly = input.requestAppToken || (caller === undefined && session === undefined);
  const delegated = !appOnly && (caller === undefined || isDelegated(caller));
  if (agentIdentity !== undefined) {
    requireOneTenant(input);
    if (user !== undefined) return agentUserPlan(input, agentIdentity, user);
    return delegated ? agentOnBehalfOfUserPlan(input, agentIdentity) : autonomousAgentPlan(input, agentIdentity);
  }
  if (appOnly) return appOnlyPlan(input);
  if (!delegated) throw appOnlyCaller(input.service);
  return { flow: "on-behalf-of", legs: [userLeg(input, input.clientId, "configured")] };
}

function managedIdentityPlan(input: PlanInput, clientId: string): Plan {
  const { tenantId } = input;
  const scopes = appScopes(input);
  return {
    flow: "managed-identity",
    legs: [{ kind: "managed-identity", tenantId, clientId, scopes, credential: "none" }],
  };
}

function appOnlyPlan(input: PlanInput): Plan {
  const { tenantId, clientId, fmiPath } = input;
  const scopes = appScopes(input);
  requireOneTenant(input);
  const leg: ClientCredentialsLeg = {
    kind: "client-credentials",
    tenantId,
    clientId,
    scopes,
    credential: "configured",
    ...(fmiPath !== undefined && { fmiPath }),
  };
  return { flow: "app-only", legs: [leg] };
}

function autonomousAgentPlan(input: PlanInput, agentIdentity: string): Plan {
  const { tenantId } = input;
  const scopes = appScopes(input);
  const last: Leg = { kind: "client-credentials", tenantId, clientId: agentIdentity, scopes, credential: 0 };
  return { flow: "autonomous-agent", legs: [exchangeLeg(input, agentIdentity), last] };
}

function agentOnBehalfOfUserPlan(input: PlanInput, agentIdentity: string): Plan {
  const last = userLeg(input, agentIdentity, 0);
  return { flow: "agent-on-behalf-of-user", legs: [exchangeLeg(input, agentIdentity), last] };
}

function agentUserPlan(input: PlanInput, agentIdentity: string, user: AgentUserName): Plan {
  const { tenantId } = input;
  const scopes = delegatedScopes(input);
  return {
    flow: "agent-user",
    legs: [
      exchangeLeg(input, agentIdentity),
      { kind: "instance", tenantId, clientId: agentIdentity, scopes: [tokenExchangeScope], credential: 0 },
      { kind: "agent-user", tenantId, clientId: agentIdentity, scopes, credential: 0, user, userCredential: 1 },
    ],
  };
}

/** For the user who called, by the inbound token; or for the user of a session, by its refresh token. */
function userLeg(input: PlanInput, clientId: string, credential: LegCredential): OnBehalfOfLeg | LongRunningLeg {
  const { tenantId, session } = input;
  const scopes = delegatedScopes(input);
  refuseFmiPath(input);
  return session === undefined
    ? { kind: "on-behalf-of", tenantId, clientId, scopes, credential }
    : { kind: "long-running", tenantId, clientId, scopes, credential, session };
}

function exchangeLeg(input: PlanInput, agentIdentity: string): ExchangeLeg {
  const { tenantId, clientId } = input;
  refuseFmiPath(input);
  return {
    kind: "exchange",
    tenantId,
    clientId,
    scopes: [tokenExchangeScope],
    credential: "configured",
    fmiPath: agentIdentity,
  };
}

function agentIdentityOf({ agentIdentity }: PlanInput): string | undefined {
  if (agentIdentity === undefined) return undefined;
  if (typeof agentIdentity !== "string" || !isGuid(agentIdentity)) {
    throw new AgentAuthError("agent_identity_invalid", {
      detail: "The agent identity must be its client id, a GUID such as 11111111-2222-3333-4444-555555555555.",
    });
  }
  return agentIdentity.toLowerCase();
}

function agentUserOf({ agentIdentity, agentUsername, agentUserId }: PlanInput): AgentUserName | undefined {
  if (agentUsername === undefined && agentUserId === undefined) return undefined;
  if (agentIdentity === undefined) {
    throw new AgentAuthError("agent_user_without_agent_identity", {
      detail: "An agent user requires the agent identity that it belongs to. Name the agent identity as well.",
    });
  }
  if (agentUsername !== undefined && agentUserId !== undefined) {
    throw new AgentAuthError("agent_user_ambiguous", {
      detail: "The agent user's username and user id are mutually exclusive. Give one of them.",
    });
  }
  if (agentUserId === undefined) return { username: (agentUsername as string).toLowerCase() };
  if (!isGuid(agentUserId)) {
    throw new AgentAuthError("agent_user_id_invalid", {
      detail: "The agent user's id must be its object id, a GUID. To name it by its principal name, use username.",
    });
  }
  return { userId: agentUserId.toLowerCase() };
}

/** An app-only token and an agent identity belong to one tenant; the multi-tenant words name none. */
function requireOneTenant({ service, tenantId }: PlanInput): void {
  if (!multiTenantWords.has(tenantId)) return;
  throw new AgentAuthError("tenant_required", {
    detail: `The call of ${service} acts as an application or agent, which lives in one tenant, and ${tenantId} names none. Set tenantId on the call or on downstreamApis.${service}.`,
  });
}

function refuseFmiPath({ fmiPath, service }: PlanInput): void {
  if (fmiPath === undefined) return;
  throw new AgentAuthError("fmi_path_refused", {
    detail: `The call of ${service} names an fmiPath, which an app-only token of the app itself can have alone. For an agent, name the agent identity instead: its path follows from it.`,
  });
}

function appOnlyCaller(service: string): AgentAuthError {
  return new AgentAuthError("app_only_caller", {
    detail: `The caller is an application without a user, so ${service} cannot be called on its behalf (Entra would answer AADSTS7000114). Call it as the application with asApp() or requestAppToken, or as an agent with asAgent().`,
    challenge: { error: "insufficient_scope", errorDescription: "A user must be present." },
  });
}
