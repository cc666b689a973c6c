import type { AgentAuth } from "@agent-auth/core";
import type { OverrideGates } from "../options/sidecar-options.js";

/** What the routes work with. */
export interface RouteContext {
  readonly auth: AgentAuth;
  readonly gates: OverrideGates;
  readonly requiredScopes: readonly string[];
  /** Configured paths of the downstream APIs, by name: an override replaces them. */
  readonly paths: Readonly<Record<string, string | undefined>>;
  /** Configured methods of the downstream APIs, by name. */
  readonly methods: Readonly<Record<string, string | undefined>>;
  /** Bytes. */
  readonly responseLimitBytes: number;
}
