import { type AgentAuthOptions, createAgentAuth } from "@agent-auth/core";
import { describeFailure } from "../io/failure.js";
import { type Finding, found } from "./finding.js";
import { type ObservedFetch, reasonOf } from "./observed-fetch.js";

/** Seconds that the clocks may differ before tokens are refused, unless configured otherwise. */
const defaultToleranceSeconds = 300;

/** Fetches discovery document and signing keys as core does, and compares the clocks. */
export async function checkEntra(options: AgentAuthOptions, observed: ObservedFetch): Promise<readonly Finding[]> {
  // Without services, warming up is fetching the keys and nothing else.
  const auth = createAgentAuth({ ...options, downstreamApis: {}, agentIdentity: undefined, fetch: observed.fetch });
  try {
    await auth.warmUp();
    return [
      found.ok("discovery", `${options.instance ?? "https://login.microsoftonline.com/"} knows the tenant.`),
      found.ok("keys", "The signing keys can be fetched."),
      checkClock(options, observed),
    ];
  } catch (error) {
    return [...whatFailed(options, observed, error), checkClock(options, observed)];
  } finally {
    await auth.close();
  }
}

function whatFailed(options: AgentAuthOptions, { requests }: ObservedFetch, error: unknown): Finding[] {
  const discovery = requests.find(({ url }) => url.includes("/.well-known/openid-configuration"));
  if (discovery === undefined) return [found.failed("discovery", describeFailure(error))];
  const { url, status } = discovery;
  if (status === undefined) {
    const remedy = "Check AzureAd__Instance, name resolution, the proxy (HTTPS_PROXY) and the firewall.";
    return [
      found.failed("discovery", `${new URL(url).origin} cannot be reached: ${reasonOf(discovery.error)}. ${remedy}`),
    ];
  }
  if (status >= 500) {
    return [found.failed("discovery", `${url} answered ${status}. Entra has trouble; try again later.`)];
  }
  if (status >= 400) {
    const remedy = "Correct AzureAd__TenantId, or AzureAd__Instance if the tenant is in another cloud.";
    return [found.failed("discovery", `The tenant ${options.tenantId} does not exist there (${status}). ${remedy}`)];
  }
  const keys = requests.find((request) => request !== discovery && (request.status ?? 599) >= 400);
  const why = keys === undefined ? describeFailure(error) : `${keys.url}: ${keys.status ?? reasonOf(keys.error)}`;
  return [
    found.ok("discovery", `${new URL(url).origin} knows the tenant.`),
    found.failed(
      "keys",
      `The signing keys cannot be fetched, so no token can be validated: ${why}. Check the proxy and the firewall.`,
    ),
  ];
}

function checkClock({ clockToleranceSeconds }: AgentAuthOptions, { requests }: ObservedFetch): Finding {
  const ahead = requests.find(({ clockAheadMs }) => clockAheadMs !== undefined)?.clockAheadMs;
  if (ahead === undefined) return found.skipped("clock", "No answer told the time.");
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const tolerance = clockToleranceSeconds ?? defaultToleranceSeconds;
  const direction = ahead > 0 ? "behind" : "ahead of";
  if (seconds <= 5) return found.ok("clock", "It agrees with Entra's to 5 seconds.");
  const text = `This machine's clock is ${seconds} seconds ${direction} Entra's. Synchronise it (NTP)`;
  return seconds >= tolerance
    ? found.failed("clock", `${text}: tokens are refused from ${tolerance} seconds on.`)
    : found.warning("clock", `${text} before it reaches ${tolerance} seconds.`);
}
