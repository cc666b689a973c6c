import { type Acquisition, createAcquisition } from "../acquire/create-acquisition.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import { isLoopbackHost } from "../loopback.js";
import { parseOptions, type ResolvedOptions } from "../options/parse-options.js";
import { SidecarAcquirer } from "./sidecar-acquirer.js";
import { SidecarClient } from "./sidecar-client.js";
import type { SidecarBackendOptions } from "./sidecar-options.js";
import { SidecarPlanner, sidecarTenant } from "./sidecar-planner.js";
import { SidecarVerifier } from "./sidecar-verifier.js";

/** Stands for the app that the sidecar is configured with. */
const sidecarClientId = "00000000-0000-0000-0000-000000000000";

/** The parts of an app that a sidecar does in its place. */
export interface SidecarBackend {
  readonly acquisition: Acquisition;
  readonly verifier: SidecarVerifier;
}

/**
 * Checks the options of an app behind a sidecar.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong
 */
export function parseSidecarOptions(options: SidecarBackendOptions): ResolvedOptions {
  const { sidecarUrl, sidecarTimeoutMs: _, ...rest } = options;
  requireSidecarUrl(sidecarUrl);
  if (options.resourceMetadata !== undefined && options.tenantId === undefined) {
    const detail = "agent-auth options: resourceMetadata needs tenantId, to name the authorization server";
    throw new AgentAuthError("options_invalid", { detail });
  }
  return parseOptions({ ...rest, tenantId: options.tenantId ?? sidecarTenant, clientId: sidecarClientId });
}

/** Puts the parts together. */
export function createSidecarBackend(
  { sidecarUrl, sidecarTimeoutMs = 30_000 }: SidecarBackendOptions,
  options: ResolvedOptions,
  fetchFunction: typeof fetch,
): SidecarBackend {
  const { clock, tenantId, tokenCacheMaxEntries, verifiedTokenCacheMaxEntries } = options;
  const client = new SidecarClient({ url: sidecarUrl, fetch: fetchFunction, timeoutMs: sidecarTimeoutMs });
  return {
    acquisition: {
      ...createAcquisition(options, fetchFunction),
      planner: new SidecarPlanner(options),
      acquirer: new SidecarAcquirer({ client, clock, tenantId, maxEntries: tokenCacheMaxEntries }),
    },
    verifier: new SidecarVerifier({ client, clock, maxEntries: verifiedTokenCacheMaxEntries }),
  };
}

/** Tokens travel to the sidecar: beyond this machine they must not travel in the clear. */
function requireSidecarUrl(sidecarUrl: unknown): void {
  const url = typeof sidecarUrl === "string" && URL.canParse(sidecarUrl) ? new URL(sidecarUrl) : undefined;
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
  if (secure && url?.username === "" && url.password === "" && url.search === "" && url.hash === "") return;
  throw new AgentAuthError("options_invalid", {
    detail:
      "agent-auth options: sidecarUrl must be the URL of the sidecar, such as http://localhost:5000; plain http is accepted for loopback hosts alone",
  });
}
