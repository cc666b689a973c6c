import { AgentAuthError } from "../errors/agent-auth-error.js";
import { isGuid } from "../guid.js";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import { type Caller, isDelegated } from "../token/caller.js";
import {
  type AgentUserName,
  type ClientCredentialsLeg,
  type ExchangeLeg,
  type Leg,
  tokenExchangeScope,
} from "./leg.js";

/** What a plan is for, in one word. */
export type Flow = "app-only" | "on-behalf-of" | "autonomous-agent" | "agent-on-behalf-of-user" | "agent-user";

/** The legs that lead to a token, in order; the last one's token is the result. */
export interface Plan {
  readonly flow: Flow;
  readonly legs: readonly Leg[];
}

/** Everything that selects a token. */
export interface PlanInput {
  /** Name of the downstream API. */
  readonly service: string;
  readonly api: DownstreamApiOptions;
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
  /** Replaces the service's scopes. */
  readonly scopes: readonly string[] | undefined;
}

/**
 * Decides the flow and its legs. Pure: no I/O, no clock, no state.
 *
 * - an agent identity and a username or user id → agent user
 * - `requestAppToken`, or nobody called: with an agent identity → autonomous agent; without → app-only
 * - a delegated caller: with an agent identity → agent on behalf of the user; without → on-behalf-of
 * - an app-only caller: with an agent identity → autonomous agent; without → refused
 *
 * @throws AgentAuthError `agent_identity_invalid`, `agent_user_without_agent_identity`, `agent_user_ambiguous`,
 *   `agent_user_id_invalid`, `service_scopes_missing`, `app_only_caller`
 */
export function plan(input: PlanInput): Plan {
  const user = agentUserOf(input);
  const { agentIdentity, caller } = input;
  if (agentIdentity !== undefined && !isGuid(agentIdentity)) {
    throw new AgentAuthError("agent_identity_invalid", {
      detail: "The agent identity must be its client id, a GUID such as 11111111-2222-3333-4444-555555555555.",
    });
  }
  if (agentIdentity !== undefined && user !== undefined) return agentUserPlan(input, agentIdentity, user);
  const appOnly = input.requestAppToken || caller === undefined;
  if (agentIdentity !== undefined) {
    return appOnly || !isDelegated(caller)
      ? autonomousAgentPlan(input, agentIdentity)
      : agentOnBehalfOfUserPlan(input, agentIdentity);
  }
  if (appOnly) return appOnlyPlan(input);
  if (!isDelegated(caller)) {
    throw new AgentAuthError("app_only_caller", {
      detail: `The caller is an application without a user, so ${input.service} cannot be called on its behalf (Entra would answer AADSTS7000114). Call it as the application with asApp() or requestAppToken, or as an agent with asAgent().`,
      challenge: { error: "insufficient_scope", errorDescription: "A user must be present." },
    });
  }
  return onBehalfOfPlan(input);
}

function appOnlyPlan({ tenantId, clientId, ...input }: PlanInput): Plan {
  const scopes = appScopes(input);
  return {
    flow: "app-only",
    legs: [{ kind: "client-credentials", tenantId, clientId, scopes, credential: "configured" }],
  };
}

function onBehalfOfPlan({ tenantId, clientId, ...input }: PlanInput): Plan {
  const scopes = delegatedScopes(input);
  return {
    flow: "on-behalf-of",
    legs: [{ kind: "on-behalf-of", tenantId, clientId, scopes, credential: "configured" }],
  };
}

function autonomousAgentPlan(input: PlanInput, agentIdentity: string): Plan {
  const scopes = appScopes(input);
  const last: ClientCredentialsLeg = {
    kind: "client-credentials",
    tenantId: input.tenantId,
    clientId: agentIdentity,
    scopes,
    credential: 0,
  };
  return { flow: "autonomous-agent", legs: [exchangeLeg(input, agentIdentity), last] };
}

function agentOnBehalfOfUserPlan(input: PlanInput, agentIdentity: string): Plan {
  const { tenantId } = input;
  const scopes = delegatedScopes(input);
  return {
    flow: "agent-on-behalf-of-user",
    legs: [
      exchangeLeg(input, agentIdentity),
      { kind: "on-behalf-of", tenantId, clientId: agentIdentity, scopes, credential: 0 },
    ],
  };
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

function exchangeLeg({ tenantId, clientId }: PlanInput, agentIdentity: string): ExchangeLeg {
  return {
    kind: "exchange",
    tenantId,
    clientId,
    scopes: [tokenExchangeScope],
    credential: "configured",
    fmiPath: agentIdentity,
  };
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
  if (agentUserId === undefined) return { username: agentUsername as string };
  if (!isGuid(agentUserId)) {
    throw new AgentAuthError("agent_user_id_invalid", {
      detail: "The agent user's id must be its object id, a GUID. To name it by its principal name, use username.",
    });
  }
  return { userId: agentUserId.toLowerCase() };
}

type ScopeInput = Pick<PlanInput, "service" | "api" | "scopes">;

function delegatedScopes(input: ScopeInput): readonly string[] {
  const scopes = input.scopes ?? input.api.scopes ?? [];
  if (scopes.length === 0) throw scopesMissing(input.service, "scopes");
  return scopes;
}

function appScopes(input: ScopeInput): readonly string[] {
  if (input.scopes === undefined && input.api.appScopes !== undefined && input.api.appScopes.length > 0) {
    return input.api.appScopes;
  }
  const scope = (input.scopes ?? input.api.scopes ?? [])[0];
  if (scope === undefined) throw scopesMissing(input.service, "appScopes");
  return [defaultScopeOf(scope)];
}

/** `/.default` of the resource that a scope belongs to; a bare scope belongs to Microsoft Graph. */
export function defaultScopeOf(scope: string): string {
  const slash = scope.lastIndexOf("/");
  return slash === -1 ? "https://graph.microsoft.com/.default" : `${scope.slice(0, slash)}/.default`;
}

function scopesMissing(service: string, key: string): AgentAuthError {
  return new AgentAuthError("service_scopes_missing", {
    detail: `downstreamApis.${service} names no scopes. Set downstreamApis.${service}.${key}, for instance ["https://graph.microsoft.com/.default"].`,
  });
}
