import type { AgentAuth } from "./agent-auth.js";
import type { AgentAuthOptions, ServiceNameOf } from "./options/agent-auth-options.js";
import type { RequestAuth } from "./service-auth.js";

/**
 * An application may tell its options here, and then every `req.agentAuth` knows its downstream APIs: a service name
 * that is not configured is a compile error.
 *
 * ```ts
 * const options = defineOptions({ …, downstreamApis: { Graph: { … } } });
 * declare module "@agent-auth/core" {
 *   interface Register { options: typeof options }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it by declaration merging
export interface Register {}

/** The service names that {@link Register} tells; `string` without it. */
export type RegisteredService = Register extends { readonly options: infer Options extends AgentAuthOptions }
  ? ServiceNameOf<Options>
  : string;

/** {@link RequestAuth} as adapters type `req.agentAuth`. */
export type RegisteredRequestAuth = RequestAuth<RegisteredService>;

/** {@link AgentAuth} with the registered services. */
export type RegisteredAgentAuth = AgentAuth<RegisteredService>;
