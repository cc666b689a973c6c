import {
  AgentAuthError,
  type AgentAuthOptions,
  type ConfigurationSection,
  type ConfigurationSources,
  loadOptions,
  readConfiguration,
} from "@agent-auth/core";
import { readListenAddress } from "./listen-address.js";
import type { LogLevel, SidecarOptions } from "./sidecar-options.js";

/**
 * Reads everything as the Entra SDK's container does, from appsettings.json and the environment: core's options, and
 * the sidecar's own keys (`Sidecar:*`, `AzureAd:Scopes`, `Kestrel:Limits:MaxRequestBodySize`, `Logging:LogLevel:Default`,
 * `ASPNETCORE_URLS` or `PORT`, `ASPNETCORE_ENVIRONMENT` or `NODE_ENV`).
 * @throws AgentAuthError `options_invalid`, naming the key
 */
export function loadSidecarOptions(
  sources: ConfigurationSources = {},
): SidecarOptions & { readonly auth: AgentAuthOptions } {
  const configuration = readConfiguration(sources);
  const sidecar = configuration.section("Sidecar");
  refuseDistributedCache(configuration.section("TokenCache"));
  return {
    auth: loadOptions(sources),
    requiredScopes: configuration.section("AzureAd").list("Scopes"),
    allowOverrides: gatesOf(sidecar.section("AllowOverrides")),
    allowOutboundRedirects: sidecar.flag("AllowOutboundRedirects"),
    development: environmentOf(configuration)?.toLowerCase() === "development",
    bodyLimitBytes: configuration.section("Kestrel").section("Limits").integer("MaxRequestBodySize"),
    responseLimitBytes: sidecar.integer("MaxResponseBodySize"),
    metrics: sidecar.flag("Metrics"),
    logLevel: logLevelOf(configuration),
    address: readListenAddress(configuration),
  };
}

/** Which store there is, is the program's to say: it is code, not configuration. */
function refuseDistributedCache(section: ConfigurationSection): void {
  if (section.flag("EnableDistributedCache") !== true) return;
  throw new AgentAuthError("options_invalid", {
    detail:
      "TokenCache__EnableDistributedCache cannot be true: give createSidecar() a token store (auth.tokenStore) instead, or set it to false.",
  });
}

function environmentOf(configuration: ConfigurationSection): string | undefined {
  return configuration.text("ASPNETCORE_ENVIRONMENT") ?? configuration.text("NODE_ENV");
}

function gatesOf(section: ConfigurationSection): NonNullable<SidecarOptions["allowOverrides"]> {
  const gates = {
    getAuthorizationHeader: section.flag("GetAuthorizationHeader"),
    getAuthorizationHeaderUnauthenticated: section.flag("GetAuthorizationHeaderUnauthenticated"),
    callDownstreamApi: section.flag("CallDownstreamApi"),
    callDownstreamApiUnauthenticated: section.flag("CallDownstreamApiUnauthenticated"),
  };
  return Object.fromEntries(Object.entries(gates).filter(([, allowed]) => allowed !== undefined));
}

/** The levels of .NET, by pino's names. */
const logLevels: Readonly<Record<string, LogLevel>> = {
  trace: "trace",
  debug: "debug",
  information: "info",
  warning: "warn",
  error: "error",
  critical: "fatal",
  none: "silent",
};

function logLevelOf(configuration: ConfigurationSection): LogLevel | undefined {
  const name = configuration.section("Logging").section("LogLevel").text("Default");
  if (name === undefined) return undefined;
  const level = logLevels[name.toLowerCase()];
  if (level !== undefined) return level;
  throw new AgentAuthError("options_invalid", {
    detail: "Logging__LogLevel__Default must be one of Trace, Debug, Information, Warning, Error, Critical and None.",
  });
}
