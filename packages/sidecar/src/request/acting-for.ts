import { type AgentAuth, isDelegated, type RequestAuth, type ServiceAuth } from "@agent-auth/core";
import { actingAs } from "./agent-parameters.js";
import type { Selection } from "./selection.js";

/**
 * The way to act that a request asks for.
 * @param caller absent on the routes that want no token
 * @throws AgentAuthError `agent_user_without_agent_identity`, `agent_user_ambiguous`, `session_ended`,
 *   `session_of_another_user`, `session_store_unavailable`
 */
export function actingFor(
  auth: AgentAuth,
  caller: RequestAuth | undefined,
  selection: Selection,
): ServiceAuth | Promise<ServiceAuth> {
  const { session } = selection;
  if (session === undefined) return actingAs(caller ?? auth.forApp(), selection);
  // A user's token begins the session, or goes on with it; without one it goes on for the user who began it.
  const begun =
    caller !== undefined && isDelegated(caller.caller) ? caller.longRunning(session) : auth.longRunning(session);
  return begun.then((from) => actingAs(from, selection));
}
