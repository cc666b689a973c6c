import { type AgentAuthOptions, createAgentAuth, isAgentAuth } from "@agent-auth/core";
import type { FastifyInstance } from "fastify";
import { answerErrors } from "./http/answer-errors.js";
import { takeBodiesAsBytes } from "./http/bodies.js";
import { createServer } from "./http/create-server.js";
import { endConnectionsOnClose } from "./http/end-connections.js";
import { requireLocalCallers } from "./http/local-callers.js";
import { logRequests } from "./http/log-requests.js";
import { forbidCaching } from "./http/no-caching.js";
import { refuseOtherMethods } from "./http/refuse-other-methods.js";
import { createMetrics, type Metrics } from "./metrics/metrics.js";
import { collectOperations } from "./openapi/document.js";
import { defaultGates, type ListenAddress, type SidecarOptions } from "./options/sidecar-options.js";
import { authorizationHeaderRoutes } from "./routes/authorization-header.js";
import { downstreamApiRoutes } from "./routes/downstream-api.js";
import { healthRoutes } from "./routes/health.js";
import type { RouteContext } from "./routes/route-context.js";
import { validateRoute } from "./routes/validate.js";

/** A sidecar: the Entra SDK's HTTP surface over one instance of core. */
export interface Sidecar {
  /**
   * Starts to listen.
   * @param address default: the options' address, else `127.0.0.1`, port 5000
   * @returns the URL, with the port that it got; `unix:` and the path for a socket
   * @throws the error of Node's `listen` (`EADDRINUSE` and the like)
   */
  listen(address?: ListenAddress): Promise<string>;
  /** Stops listening, answers what is under way, and closes the connections. */
  close(): Promise<void>;
}

/** Longest downstream body that is passed on, in bytes. */
const defaultResponseLimitBytes = 30_000_000;

/**
 * Creates a sidecar; it does not listen yet.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong
 */
export function createSidecar(options: SidecarOptions): Sidecar {
  const app = createServer(options);
  const metrics = options.metrics === true ? createMetrics() : undefined;
  const ready = isAgentAuth(options.auth) ? options.auth : undefined;
  const coreOptions = isAgentAuth(options.auth) ? undefined : options.auth;
  const auth = ready ?? createAgentAuth(withSidecar(coreOptions as AgentAuthOptions, { options, app, metrics }));
  if (options.development !== true) requireLocalCallers(app);
  takeBodiesAsBytes(app);
  forbidCaching(app);
  endConnectionsOnClose(app);
  answerErrors(app, auth);
  logRequests(app);

  const openApiDocument = collectOperations(app);
  const refuseOthers = refuseOtherMethods(app);
  const context = routeContext(options, { auth, apis: coreOptions?.downstreamApis ?? {} });
  validateRoute(app, context);
  authorizationHeaderRoutes(app, context);
  downstreamApiRoutes(app, context);
  healthRoutes(app, auth);
  metrics?.serve(app);
  if (options.development === true) app.get("/openapi/v1.json", async () => openApiDocument());
  refuseOthers();

  return {
    listen: async (address = options.address ?? {}) => {
      if (address.socketPath !== undefined) {
        await app.listen({ path: address.socketPath });
        return `unix:${address.socketPath}`;
      }
      return app.listen({ host: address.host ?? "127.0.0.1", port: address.port ?? 5000 });
    },
    close: async () => {
      await app.close();
      if (ready === undefined) await auth.close();
    },
  };
}

interface Surroundings {
  readonly options: SidecarOptions;
  readonly app: FastifyInstance;
  readonly metrics: Metrics | undefined;
}

function withSidecar(auth: AgentAuthOptions, { options, app, metrics }: Surroundings): AgentAuthOptions {
  const { onLeg } = auth;
  const { allowOutboundRedirects = false } = options;
  return {
    ...auth,
    logger: auth.logger ?? app.log,
    downstreamApis: mapValues(auth.downstreamApis ?? {}, (api) => ({
      ...api,
      // The paths stay with the routes: an override replaces a configured path, where core's goes behind it.
      relativePath: undefined,
      followRedirects: api.followRedirects ?? allowOutboundRedirects,
    })),
    ...(metrics !== undefined && {
      onLeg: (event) => {
        metrics.onLeg(event);
        onLeg?.(event);
      },
    }),
  };
}

function routeContext(
  options: SidecarOptions,
  {
    auth,
    apis,
  }: { readonly auth: RouteContext["auth"]; readonly apis: NonNullable<AgentAuthOptions["downstreamApis"]> },
): RouteContext {
  return {
    auth,
    gates: { ...defaultGates, ...options.allowOverrides },
    requiredScopes: options.requiredScopes ?? [],
    paths: mapValues(apis, ({ relativePath }) => relativePath),
    methods: mapValues(apis, ({ httpMethod = "GET" }) => httpMethod.toUpperCase()),
    responseLimitBytes: options.responseLimitBytes ?? defaultResponseLimitBytes,
  };
}

function mapValues<Value, Result>(record: Readonly<Record<string, Value>>, map: (value: Value) => Result) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
