export { agentAuth, agentAuthErrorHandler } from "./agent-auth.js";
export { denyAgents, requireAgent, requireDelegated, requireRoles, requireScopes } from "./guards.js";
