export type { CredentialCheck } from "./acquire/credentials/check-credentials.js";
export { EntraError } from "./acquire/entra-error.js";
export type { ExplainedLeg, Explanation } from "./acquire/plan/explain.js";
export type { LegEvent } from "./acquire/plan/leg.js";
export type { Flow } from "./acquire/plan/plan.js";
export { memoryTokenStore } from "./acquire/store/memory-token-store.js";
export type { TokenStore } from "./acquire/store/token-store.js";
export { type AgentAuth, createAgentAuth, type ForgetFilter, isAgentAuth } from "./agent-auth.js";
export {
  type AgentRequirement,
  denyAgents,
  type Guard,
  type GuardedRequest,
  type Permissions,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "./authorize/guards.js";
export { openapiSecurity, securitySchemes } from "./authorize/openapi-security.js";
export {
  type Admission,
  admission,
  combinePolicies,
  mergePolicies,
  type RoutePolicy,
  servesAnonymous,
} from "./authorize/route-policy.js";
export type { Clock } from "./clock.js";
export type { DownstreamRequest } from "./downstream/downstream-request.js";
export { DownstreamError, type DownstreamResponse } from "./downstream/downstream-response.js";
export type { Query } from "./downstream/downstream-url.js";
export type { GetTokenOptions, TokenCredential } from "./downstream/token-credential.js";
export { AgentAuthError, isAgentAuthError, type ProblemDetails } from "./errors/agent-auth-error.js";
export type { Challenge } from "./errors/challenge.js";
export { type AgentAuthErrorCode, type ErrorFamily, errorDefinitions } from "./errors/codes.js";
export type { ErrorAnswer } from "./errors/error-answer.js";
export { createDefaultFetch, type OwnedFetch } from "./http/default-fetch.js";
export { nodeRequest } from "./http/node-request.js";
export type { Logger } from "./logger.js";
export {
  type AgentAuthOptions,
  type AgentIdentityContext,
  type AgentIdentityOption,
  type AllowedTenants,
  type DownstreamApiOptions,
  defineOptions,
  type ResourceMetadataOptions,
  type ServiceNameOf,
} from "./options/agent-auth-options.js";
export type {
  Base64CertificateCredential,
  CertificateCredential,
  CertificateFileCredential,
  ClientCredential,
  ClientSecretCredential,
  KeyVaultCredential,
  ManagedIdentityAssertionCredential,
  SignedAssertionContext,
  SignedAssertionCredential,
  SignedAssertionFileCredential,
  TokenCredentialLike,
} from "./options/client-credential.js";
export {
  type ConfigurationEntry,
  type ConfigurationSection,
  type ConfigurationSources,
  readConfiguration,
} from "./options/configuration.js";
export { loadOptions } from "./options/load-options.js";
export type { Register, RegisteredAgentAuth, RegisteredRequestAuth, RegisteredService } from "./register.js";
export type { SidecarBackendOptions } from "./remote/sidecar-options.js";
export type {
  AccessToken,
  AgentUserSelector,
  DownstreamInit,
  RequestAuth,
  ServiceAuth,
  TokenOptions,
} from "./service-auth.js";
export type { TokenUsedEvent } from "./telemetry/token-used.js";
export type { InboundRequest } from "./token/authenticator.js";
export {
  type AgentCaller,
  type AgentOnBehalfOfUserCaller,
  type AgentUserCaller,
  type AppCaller,
  blueprintOf,
  type Caller,
  type CallerFacets,
  isAgent,
  isAgentUser,
  isAppOnly,
  isDelegated,
  type UserCaller,
} from "./token/caller.js";
export type { Claims } from "./token/claims.js";
export type { InboundHeaders } from "./token/credential.js";
export type { ResourceMetadata } from "./token/resource-metadata.js";
