import { AgentAuthError, type ServiceAuth } from "@agent-auth/core";
import type { Parameters } from "./parameters.js";

/** The agent that a request names. */
export interface AgentParameters {
  readonly agentIdentity: string | undefined;
  readonly agentUsername: string | undefined;
  readonly agentUserId: string | undefined;
}

/** Names of the parameters that name an agent. */
export const agentParameterNames = ["AgentIdentity", "AgentUsername", "AgentUserId"] as const;

/** Reads the agent parameters. Whether the ids are GUIDs is core's to say. */
export function readAgent(parameters: Parameters): AgentParameters {
  return {
    agentIdentity: parameters.one("AgentIdentity"),
    agentUsername: parameters.one("AgentUsername"),
    agentUserId: parameters.one("AgentUserId"),
  };
}

/**
 * The way to act that a request asks for, in core's terms. Core refuses the same combinations; here they are named as
 * the client sent them.
 * @throws AgentAuthError `agent_user_without_agent_identity`, `agent_user_ambiguous`
 */
export function actingAs(auth: ServiceAuth, agent: AgentParameters): ServiceAuth {
  const { agentIdentity, agentUsername, agentUserId } = agent;
  if (agentUsername !== undefined && agentUserId !== undefined) {
    throw new AgentAuthError("agent_user_ambiguous", {
      detail: "AgentUsername and AgentUserId are mutually exclusive. Send one of them.",
    });
  }
  if (agentIdentity === undefined) {
    if (agentUsername === undefined && agentUserId === undefined) return auth;
    const name = agentUsername === undefined ? "AgentUserId" : "AgentUsername";
    throw new AgentAuthError("agent_user_without_agent_identity", {
      detail: `${name} requires AgentIdentity, the client id of the agent identity that the user belongs to. Send it as well.`,
    });
  }
  if (agentUsername !== undefined) return auth.asAgentUser(agentIdentity, { username: agentUsername });
  if (agentUserId !== undefined) return auth.asAgentUser(agentIdentity, { userId: agentUserId });
  return auth.asAgent(agentIdentity);
}
