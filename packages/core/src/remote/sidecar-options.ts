import type { AgentAuthOptions } from "../options/agent-auth-options.js";

/**
 * Options of an app whose credential a sidecar holds: Microsoft's container, or `@agent-auth/sidecar`. The sidecar
 * validates tokens and acquires them; the app decides nothing that the sidecar does not.
 */
export interface SidecarBackendOptions
  extends Pick<
    AgentAuthOptions,
    | "agentIdentity"
    | "allowedAgentIdentities"
    | "clock"
    | "downstreamTimeoutMs"
    | "downstreamMaxRetries"
    | "fetch"
    | "instance"
    | "logger"
    | "maxTokenBytes"
    | "resourceMetadata"
    | "tokenCacheMaxEntries"
    | "verifiedTokenCacheMaxEntries"
  > {
  /** Where the sidecar is, for instance `http://localhost:5000`. */
  readonly sidecarUrl: string;
  /**
   * Where the downstream APIs are that `callDownstream()` calls, with the sidecar's header; scopes given here override
   * the sidecar's. `headerFor()` serves every API that the sidecar knows, named here or not.
   */
  readonly downstreamApis?: AgentAuthOptions["downstreamApis"];
  /**
   * The sidecar's tenant, and with `instance` its cloud, for those whom this app tells where to sign in: in challenges
   * and in `resourceMetadata`. Default: they are not told.
   */
  readonly tenantId?: string | undefined;
  /** Budget of one request to the sidecar, in milliseconds. Default 30 000: it may have to ask Entra. */
  readonly sidecarTimeoutMs?: number | undefined;
}
