import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import type { Assertion } from "./acquire-context.js";
import { PlanMemo, type PreparedPlan } from "./plan/plan-memo.js";

/** For whom and as what a call acts. */
export interface ActingIdentity {
  /** The token of who called; absent for background work. */
  readonly inbound: Assertion | undefined;
  /** Client id (GUID) of the agent identity that the code named, before any that is configured. */
  readonly agentIdentity: string | undefined;
  readonly agentUsername: string | undefined;
  readonly agentUserId: string | undefined;
  /** The application or the autonomous agent, whoever called. */
  readonly asApp: boolean;
  /** SHA-256 of a long-running session's key. */
  readonly session: string | undefined;
  /** Tenant (GUID) of that session's user. */
  readonly sessionTenantId: string | undefined;
}

/** What one call may say about the way to its token. */
export interface PlanOptions {
  /** Replaces the service's scopes. For an app-only token, their resource's `/.default` is asked for. */
  readonly scopes?: readonly string[] | undefined;
  /** Tenant GUID or domain, before the service's and the caller's. */
  readonly tenantId?: string | undefined;
  /** Act as the application or the autonomous agent, whoever called. */
  readonly requestAppToken?: boolean | undefined;
  /** Path of a federated managed identity, for an app-only token of the app itself. */
  readonly fmiPath?: string | undefined;
  /** The machine's managed identity instead of the app: `true` for the system-assigned one, or a client id (GUID). */
  readonly managedIdentity?: boolean | string | undefined;
}

/** A call to be planned. */
export interface PlannedCall {
  readonly service: string;
  readonly identity: ActingIdentity;
  readonly options: PlanOptions;
}

/** Turns a call of a service into a plan: looks up the service, the tenant and the agent identity, and plans. */
export class CallPlanner {
  readonly #options: ResolvedOptions;
  readonly #memo = new PlanMemo();
  readonly #allowed: ReadonlySet<string> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    const { allowedAgentIdentities } = options;
    this.#allowed = allowedAgentIdentities === undefined ? undefined : new Set(allowedAgentIdentities);
  }

  /** @throws AgentAuthError `service_unknown` */
  service(name: string): DownstreamApiOptions {
    const { downstreamApis } = this.#options;
    const api = Object.hasOwn(downstreamApis, name) ? downstreamApis[name] : undefined;
    if (api !== undefined) return api;
    const known = Object.keys(downstreamApis);
    throw new AgentAuthError("service_unknown", {
      detail: `downstreamApis has no service ${JSON.stringify(name)}. ${
        known.length === 0 ? "None is configured" : `Configured: ${known.join(", ")}`
      }. Add it to the options, or correct the name.`,
    });
  }

  /**
   * The plan of a call: at once, unless the agent identity's resolver takes its time.
   * @throws AgentAuthError `service_unknown`, `agent_identity_not_allowed`, and what the planner throws
   */
  plan(call: PlannedCall): PreparedPlan | Promise<PreparedPlan> {
    const { service, identity } = call;
    const api = this.service(service);
    const tenantId = this.#tenantOf(call, api);
    const configured = identity.agentIdentity ?? api.agentIdentity ?? this.#options.agentIdentity;
    if (typeof configured !== "function") return this.#planFor(call, { api, tenantId, agentIdentity: configured });
    const chosen = configured({ caller: identity.inbound?.caller, tenantId, service });
    if (typeof chosen === "object" && typeof chosen?.then === "function") {
      return chosen.then((agentIdentity) => this.#planFor(call, { api, tenantId, agentIdentity }));
    }
    return this.#planFor(call, { api, tenantId, agentIdentity: chosen as string | undefined });
  }

  #planFor(
    { service, identity, options }: PlannedCall,
    found: {
      readonly api: DownstreamApiOptions;
      readonly tenantId: string;
      readonly agentIdentity: string | undefined;
    },
  ): PreparedPlan {
    const { api, agentIdentity } = found;
    if (this.#allowed !== undefined && agentIdentity !== undefined) this.#requireAllowed(agentIdentity);
    return this.#memo.get({
      service,
      api,
      tenantId: found.tenantId,
      clientId: this.#options.clientId,
      caller: identity.inbound?.caller,
      agentIdentity,
      agentUsername: identity.agentUsername,
      agentUserId: identity.agentUserId,
      requestAppToken: options.requestAppToken ?? (identity.asApp || (api.requestAppToken ?? false)),
      scopes: options.scopes,
      fmiPath: options.fmiPath,
      managedIdentity: managedIdentityOf(options.managedIdentity ?? this.#configuredManagedIdentity(identity, api)),
      session: identity.session,
    });
  }

  /** What the code says (asAgent) comes before what is configured. */
  #configuredManagedIdentity({ agentIdentity }: ActingIdentity, api: DownstreamApiOptions) {
    return agentIdentity === undefined ? api.managedIdentity : undefined;
  }

  #requireAllowed(agentIdentity: string): void {
    if (typeof agentIdentity === "string" && this.#allowed?.has(agentIdentity.toLowerCase())) return;
    throw new AgentAuthError("agent_identity_not_allowed", {
      detail: "The agent identity is not one of allowedAgentIdentities. Add it there, or let one of those act.",
    });
  }

  #tenantOf({ identity, options }: PlannedCall, api: DownstreamApiOptions): string {
    const { tenantId, multiTenant } = this.#options;
    return (
      options.tenantId ??
      api.tenantId ??
      (multiTenant ? (identity.sessionTenantId ?? identity.inbound?.caller.tenantId) : undefined) ??
      tenantId
    );
  }
}

function managedIdentityOf(value: boolean | string | undefined): string | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? "system-assigned" : value.toLowerCase();
}
