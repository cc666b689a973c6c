export { AgentAuthException } from "./agent-auth.exception.js";
export { AgentAuthExceptionFilter } from "./agent-auth.filter.js";
export { AgentAuthGuard } from "./agent-auth.guard.js";
export { AgentAuthInterceptor } from "./agent-auth.interceptor.js";
export { AgentAuthModule } from "./agent-auth.module.js";
export { AgentAuthService } from "./agent-auth.service.js";
export {
  AgentAuth,
  type AgentAuthField,
  DenyAgents,
  OptionalAuth,
  Public,
  RequireAgent,
  RequireAppOnly,
  RequireAuthContext,
  RequireClaim,
  RequireDelegated,
  RequireRoles,
  RequireScopes,
  RequireScopesOrRoles,
} from "./decorators.js";
export type { AgentAuthModuleOptions, AgentAuthOptionsFactory } from "./module-options.js";
