import { type AgentAuthOptions, type ConfigurationSources, createAgentAuth, isAgentAuthError } from "@agent-auth/core";
import { effectiveConfiguration, sections } from "../config/effective-configuration.js";
import { closestKey, isKnownKey } from "../config/known-keys.js";
import { describeFailure } from "../io/failure.js";
import { type Finding, found } from "./finding.js";

/** The configuration, if it can be used, and what was found about it. */
export interface CheckedConfiguration {
  readonly options: AgentAuthOptions | undefined;
  readonly findings: readonly Finding[];
}

/** Reads the configuration and has core check it. Names every key that is wrong, and keys that nobody reads. */
export async function checkConfiguration(
  sources: ConfigurationSources,
  read: () => AgentAuthOptions,
): Promise<CheckedConfiguration> {
  try {
    const unread = unreadKeys(sources);
    // Its own keys may be wrong as well; core does not look at them.
    const { loadSidecarOptions } = await import("@agent-auth/sidecar");
    loadSidecarOptions(sources);
    const options = read();
    void createAgentAuth(options).close();
    const services = Object.keys(options.downstreamApis ?? {});
    const summary = `tenant ${options.tenantId}, client ${options.clientId}, ${
      services.length === 0 ? "no downstream APIs" : `downstream APIs: ${services.join(", ")}`
    }.`;
    return { options, findings: [found.ok("configuration", summary), ...unread] };
  } catch (error) {
    if (!isAgentAuthError(error)) throw error;
    const problems = describeFailure(error)
      .replace(/^agent-auth options: /, "")
      .split("; ");
    return { options: undefined, findings: problems.map((problem) => found.failed("configuration", problem)) };
  }
}

function unreadKeys(sources: ConfigurationSources): Finding[] {
  return effectiveConfiguration(sources)
    .filter(({ key }) => sections.some((section) => key.toLowerCase().startsWith(`${section.toLowerCase()}:`)))
    .filter(({ key, source }) => source !== "default" && !isKnownKey(key))
    .map(({ key, source }) => {
      const meant = closestKey(key);
      const remedy = meant === undefined ? "Remove it, or correct its spelling" : `Did you mean ${meant}?`;
      return found.warning("configuration", `${key} (${source}) is not read. ${remedy}`);
    });
}
