import { Agent, EnvHttpProxyAgent, fetch as undiciFetch } from "undici";

/** A `fetch` with connections of its own. */
export interface OwnedFetch {
  readonly fetch: typeof fetch;
  /** Closes the connections once what is under way has ended. */
  close(): Promise<void>;
}

/** Keep-alive, bounded connect time, and a proxy where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name one. */
export function createDefaultFetch(): OwnedFetch {
  const options = { connect: { timeout: 5_000 }, keepAliveTimeout: 30_000 };
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy } = process.env;
  const proxied = [HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy].some(
    (proxy) => proxy !== undefined && proxy !== "",
  );
  const dispatcher = proxied ? new EnvHttpProxyAgent(options) : new Agent(options);
  // undici's own types and those of the global fetch, which is the same code, differ in names alone.
  const bound = (input: string, init?: object) => undiciFetch(input, { ...init, dispatcher });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= dispatcher.close();
    return closing;
  };
  return { fetch: bound as unknown as typeof fetch, close };
}
