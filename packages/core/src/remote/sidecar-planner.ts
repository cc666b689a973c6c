import { CallPlanner, type PlannedCall } from "../acquire/call-planner.js";
import type { PreparedPlan } from "../acquire/plan/plan-memo.js";
import type { DownstreamApiOptions } from "../options/agent-auth-options.js";
import type { ResolvedOptions } from "../options/parse-options.js";

/** Stands for the resource whose scopes the sidecar's own configuration names. */
export const configuredAtSidecar = "urn:agent-auth:configured-at-sidecar";

/** Stands for the tenant that the sidecar is configured with. */
export const sidecarTenant = "tenant.sidecar.invalid";

/** A service of which this side knows nothing but that the sidecar may know it. */
const unknownHere: DownstreamApiOptions = Object.freeze({
  scopes: [`${configuredAtSidecar}/scopes`],
  appScopes: [`${configuredAtSidecar}/.default`],
});

/** A plan, and the service that it is for: the sidecar is asked by its name. */
export interface ServicePlan extends PreparedPlan {
  readonly service: string;
}

/** Plans calls of services that only the sidecar knows as well: whether there is such a one is the sidecar's to say. */
export class SidecarPlanner extends CallPlanner {
  readonly #known: ResolvedOptions["downstreamApis"];
  readonly #plans = new WeakMap<PreparedPlan, ServicePlan>();

  constructor(options: ResolvedOptions) {
    super(options);
    this.#known = options.downstreamApis;
  }

  override service(name: string): DownstreamApiOptions {
    const api = Object.hasOwn(this.#known, name) ? this.#known[name] : undefined;
    if (api === undefined) return unknownHere;
    const { scopes = unknownHere.scopes } = api;
    return scopes === api.scopes ? api : { ...api, scopes, appScopes: api.appScopes ?? unknownHere.appScopes };
  }

  override plan(call: PlannedCall): ServicePlan | Promise<ServicePlan> {
    const planned = super.plan(call);
    return planned instanceof Promise
      ? planned.then((made) => this.#named(made, call.service))
      : this.#named(planned, call.service);
  }

  /** Plans are remembered by service, so each has one name. */
  #named(plan: PreparedPlan, service: string): ServicePlan {
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const named = Object.freeze({ ...plan, service });
    this.#plans.set(plan, named);
    return named;
  }
}
