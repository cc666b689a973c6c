import { AgentAuthError, type ConfigurationSection } from "@agent-auth/core";
import type { ListenAddress } from "./sidecar-options.js";

/**
 * The address that `ASPNETCORE_URLS` (or `URLS`, as in appsettings.json) or `PORT` names: `http://localhost:5000`,
 * `http://+:5000` for all addresses, `http://unix:/run/sidecar.sock` for a Unix socket.
 * @throws AgentAuthError `options_invalid` for https, more than one address, or what is no address
 */
export function readListenAddress(configuration: ConfigurationSection): ListenAddress | undefined {
  for (const key of ["ASPNETCORE_URLS", "Urls"]) {
    const text = configuration.text(key);
    if (text !== undefined) return parseAddress(key, text);
  }
  const port = configuration.integer("PORT");
  if (port === undefined) return undefined;
  if (port > 65_535) throw invalid("PORT", "must be at most 65535");
  return { port };
}

function parseAddress(key: string, text: string): ListenAddress {
  const addresses = text.split(";").filter((address) => address.trim() !== "");
  const [address = ""] = addresses;
  if (addresses.length > 1) throw invalid(key, "names more than one address; name one");
  if (address.startsWith("https:")) {
    throw invalid(key, "must be http: a sidecar is reached over loopback or a Unix socket, without TLS");
  }
  const socketPath = /^http:\/\/unix:(\/.+)$/.exec(address)?.[1];
  if (socketPath !== undefined) return { socketPath };
  const match = /^http:\/\/(\[[0-9a-f:]+\]|[^:/\s[\]]+)(?::(\d{1,5}))?\/?$/i.exec(address);
  const port = Number(match?.[2] ?? 80);
  if (match === null || port > 65_535) {
    throw invalid(key, "must be an address such as http://127.0.0.1:5000 or http://unix:/run/agent-auth/sidecar.sock");
  }
  const host = match[1] as string;
  return { host: host === "+" || host === "*" ? "0.0.0.0" : host.replace(/^\[|\]$/g, ""), port };
}

function invalid(key: string, reason: string): AgentAuthError {
  return new AgentAuthError("options_invalid", { detail: `${key} ${reason}.` });
}
