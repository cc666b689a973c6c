export { securitySchemes } from "@agent-auth/core";
export { agentAuth, agentAuthErrorHandler } from "./agent-auth.js";
export {
  denyAgents,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "./guards.js";
export { documentSecurity } from "./openapi.js";
