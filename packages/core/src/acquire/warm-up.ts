import type { ResolvedOptions } from "../options/parse-options.js";
import type { ActingIdentity, CallPlanner } from "./call-planner.js";
import type { TokenAcquirer } from "./create-acquisition.js";

/**
 * Gets what the calls of the configured services build on: the exchange tokens of agent identities that are named
 * outright, and the app-only tokens of services that always ask for them. Failures are warnings: a request that needs
 * the token will say it again, and better.
 */
export async function warmUpServices(init: {
  readonly options: ResolvedOptions;
  readonly planner: CallPlanner;
  readonly acquirer: TokenAcquirer;
}): Promise<void> {
  const { options, planner, acquirer } = init;
  const jobs = Object.entries(options.downstreamApis).map(async ([service, api]) => {
    // A resolver wants to know the caller, and nobody has called.
    const agentIdentity = api.agentIdentity ?? options.agentIdentity;
    if (typeof agentIdentity === "function") return;
    if (agentIdentity === undefined && api.requestAppToken !== true) return;
    try {
      const identity: ActingIdentity = {
        inbound: undefined,
        agentIdentity: undefined,
        agentUsername: undefined,
        agentUserId: undefined,
        asApp: true,
        session: undefined,
        sessionTenantId: undefined,
      };
      const planned = await planner.plan({ service, identity, options: {} });
      await (api.requestAppToken === true
        ? acquirer.acquire(planned, {
            assertion: undefined,
            forceRefresh: false,
            claims: undefined,
            correlationId: undefined,
            signal: undefined,
          })
        : acquirer.prepare(planned));
    } catch (error) {
      const why = error instanceof Error ? error.message : "it failed";
      options.logger.warn(`agent-auth: ${service} could not be warmed up: ${why}`);
    }
  });
  await Promise.all(jobs);
}
