import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from "undici";
import { isLoopbackHost } from "../loopback.js";

/** A `fetch` with connections of its own. */
export interface OwnedFetch {
  readonly fetch: typeof fetch;
  /** Closes the connections once what is under way has ended. */
  close(): Promise<void>;
}

/**
 * Keep-alive, bounded connect time, and a proxy where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name one. What is on
 * this machine (loopback, the metadata service) is never asked through a proxy, which would be another machine's.
 */
export function createDefaultFetch(): OwnedFetch {
  const options = { connect: { timeout: 5_000 }, keepAliveTimeout: 30_000, bodyTimeout: 60_000 };
  const direct = new Agent(options);
  const proxied = hasProxy(process.env) ? new EnvHttpProxyAgent(options) : undefined;
  const dispatcherFor = (url: string): Dispatcher => (proxied === undefined || isOnThisMachine(url) ? direct : proxied);
  // undici's own types and those of the global fetch, which is the same code, differ in names alone.
  const bound = (input: string | URL, init?: object) =>
    undiciFetch(input, { ...init, dispatcher: dispatcherFor(String(input)) });
  let closed: Promise<unknown> | undefined;
  return {
    fetch: bound as unknown as typeof fetch,
    close: async () => {
      closed ??= Promise.all([direct.close(), proxied?.close()]);
      await closed;
    },
  };
}

function hasProxy({ HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy }: NodeJS.ProcessEnv): boolean {
  return [HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy].some((proxy) => proxy !== undefined && proxy !== "");
}

function isOnThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "169.254.169.254" || isLoopbackHost(hostname);
}
