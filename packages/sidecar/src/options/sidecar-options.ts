import type { AgentAuth, AgentAuthOptions } from "@agent-auth/core";

/** Per route: whether a request may override what is configured, and name an agent. */
export interface OverrideGates {
  /** `/AuthorizationHeader`. Default true. */
  readonly getAuthorizationHeader: boolean;
  /** `/AuthorizationHeaderUnauthenticated`. Default false. */
  readonly getAuthorizationHeaderUnauthenticated: boolean;
  /** `/DownstreamApi`. Default true. */
  readonly callDownstreamApi: boolean;
  /** `/DownstreamApiUnauthenticated`. Default false. */
  readonly callDownstreamApiUnauthenticated: boolean;
}

/** Where log lines go: anything with `write`, such as `process.stderr`. */
export interface LogStream {
  write(line: string): void;
}

/** Least severe lines that are logged. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Where a sidecar listens: an address, or a Unix socket. */
export type ListenAddress =
  | {
      /** Default `127.0.0.1`. */
      readonly host?: string | undefined;
      /** Default 5000; 0 takes a free one. */
      readonly port?: number | undefined;
      readonly socketPath?: undefined;
    }
  | { readonly socketPath: string };

/** Options of {@link createSidecar}. */
export interface SidecarOptions {
  /**
   * Options of core: tenant, client, credentials, downstream APIs. Or an instance that it made, which then serves the
   * program as well: whoever made it closes it, a `RelativePath` goes behind the configured one, and its legs are not
   * in the metrics.
   */
  readonly auth: AgentAuthOptions | AgentAuth;
  /** Scopes of which `/Validate` wants any one (`AzureAd__Scopes`). Default: none is wanted. */
  readonly requiredScopes?: readonly string[] | undefined;
  /** Default: the routes that want a token allow overrides, the others do not. */
  readonly allowOverrides?: Partial<OverrideGates> | undefined;
  /**
   * Follow redirects of GET and HEAD within the downstream API's origin (`Sidecar:AllowOutboundRedirects`). Default
   * false: a redirect is returned as it is.
   */
  readonly allowOutboundRedirects?: boolean | undefined;
  /** Development: callers beyond this machine are served, and `/openapi/v1.json` is there. Default false. */
  readonly development?: boolean | undefined;
  /** Longest request body, in bytes. Default 30 000 000, as Kestrel's. */
  readonly bodyLimitBytes?: number | undefined;
  /** Longest downstream body that is passed on, in bytes. Default 30 000 000. */
  readonly responseLimitBytes?: number | undefined;
  /** Serve Prometheus metrics at `/metrics`. Default false. */
  readonly metrics?: boolean | undefined;
  /** Where {@link Sidecar.listen} listens unless told otherwise. Default `127.0.0.1`, port 5000. */
  readonly address?: ListenAddress | undefined;
  /** Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Default: standard error. Lines are JSON and hold no token, no secret and no query. */
  readonly logStream?: LogStream | undefined;
}

/** The gates as the Entra SDK ships them. */
export const defaultGates: OverrideGates = {
  getAuthorizationHeader: true,
  getAuthorizationHeaderUnauthenticated: false,
  callDownstreamApi: true,
  callDownstreamApiUnauthenticated: false,
};
