import { blueprintOf, type Caller, isAgent, isAgentUser, isDelegated } from "@agent-auth/core";

/** A line for the audit log. */
export function describeCaller(caller: Caller): string {
  switch (caller.kind) {
    case "user":
      return `user ${caller.userId} through ${caller.clientId}`;
    case "app":
      return `app ${caller.clientId}`;
    case "agent":
      return `agent ${caller.agentIdentity} of blueprint ${caller.blueprint ?? "unknown"}`;
    case "agent-user":
      return `agent ${caller.agentIdentity} as its user ${caller.userId}`;
    case "agent-on-behalf-of-user":
      return `agent ${caller.agentIdentity} for user ${caller.userId}`;
  }
}

/** A human is present, and no agent acts. */
export function isHuman(caller: Caller): boolean {
  return isDelegated(caller) && !isAgent(caller);
}

/** An agent's own account of this blueprint. */
export function isOurAgentUser(caller: Caller, blueprint: string): boolean {
  return isAgentUser(caller) && blueprintOf(caller) === blueprint;
}
