import { createAcquisition } from "./acquire/create-acquisition.js";
import { type CredentialCheck, checkCredentials } from "./acquire/credentials/check-credentials.js";
import type { Explanation } from "./acquire/plan/explain.js";
import { Sessions } from "./acquire/sessions/sessions.js";
import { warmUpServices } from "./acquire/warm-up.js";
import { type ErrorAnswer, errorAnswer } from "./errors/error-answer.js";
import { createDefaultFetch } from "./http/default-fetch.js";
import { createJsonFetcher } from "./http/fetch-json.js";
import type { AgentAuthOptions, ServiceNameOf } from "./options/agent-auth-options.js";
import { parseOptions } from "./options/parse-options.js";
import { createSidecarBackend, parseSidecarOptions } from "./remote/create-sidecar-backend.js";
import type { SidecarBackendOptions } from "./remote/sidecar-options.js";
import {
  BoundRequestAuth,
  BoundServiceAuth,
  backgroundIdentity,
  type RequestAuth,
  type ServiceAuth,
  type ServiceContext,
  type TokenOptions,
} from "./service-auth.js";
import { Authenticator, type InboundRequest } from "./token/authenticator.js";
import { hasCredential, type InboundHeaders } from "./token/credential.js";
import { createDecryptionKeys } from "./token/decryption-keys.js";
import { type ResourceMetadata, resourceMetadataOf } from "./token/resource-metadata.js";
import { TokenVerifier } from "./token/verify-token.js";

/** One app's authentication: validates inbound tokens, acquires tokens, calls downstream APIs. */
export interface AgentAuth<Service extends string = string> {
  /**
   * Verifies the credential of a request.
   * @throws AgentAuthError with `status` and `headers` for the answer: 400 or 401 for the credential, 503 when the
   *   signing keys cannot be had
   */
  authenticate(headers: InboundHeaders, request?: InboundRequest): Promise<RequestAuth<Service>>;
  /**
   * As {@link authenticate}, but a token that is known is answered at once, without a promise. For adapters, which
   * authenticate every request: to wait for a promise costs a server more than the check itself. Throws or rejects.
   */
  admit(headers: InboundHeaders, request?: InboundRequest): RequestAuth<Service> | Promise<RequestAuth<Service>>;
  /**
   * For routes that serve anonymous callers as well: `undefined` when no Authorization header came, else as
   * {@link authenticate}. A token that came must hold.
   */
  authenticateOptional(headers: InboundHeaders, request?: InboundRequest): Promise<RequestAuth<Service> | undefined>;
  /**
   * The HTTP answer of an error that the library threw, or `undefined` for any other, which is the framework's to
   * handle. What is no fault of the client's is logged.
   */
  answer(error: unknown): ErrorAnswer | undefined;
  /** For background work, where nobody called. */
  forApp(): ServiceAuth<Service>;
  /**
   * Goes on with a long-running session that `RequestAuth.longRunning()` began, on behalf of its user, who may have left.
   * @throws AgentAuthError `session_ended`, `session_store_unavailable`
   */
  longRunning(sessionKey: string): Promise<ServiceAuth<Service>>;
  /**
   * Ends a long-running session. Other processes go on with the access tokens that they have, for an hour at most.
   * @throws AgentAuthError `session_store_unavailable`
   */
  end(sessionKey: string): Promise<void>;
  /**
   * Fetches the signing keys, and the tokens that the calls of configured agent identities build on, so that the first
   * request does not wait. A token that cannot be had is logged as a warning.
   * @throws AgentAuthError `keys_unavailable`
   */
  warmUp(): Promise<void>;
  /** Whether each configured client credential can be loaded, and when it ends. Entra is not asked. */
  checkCredentials(): Promise<readonly CredentialCheck[]>;
  /**
   * Forgets acquired tokens: those of a user (object id), an agent identity or a tenant, or, without a filter, all.
   * What is under way for them is not kept.
   */
  forget(filter?: ForgetFilter): Promise<void>;
  /** What a background call would ask of Entra. For a request's, see `RequestAuth.explain`. */
  explain(service: Service, options?: TokenOptions): Promise<Explanation>;
  /** The protected resource metadata document, for adapters to serve; absent unless the option is set. */
  readonly resourceMetadata: ResourceMetadata | undefined;
  /** Closes the connections once what is under way has ended. */
  close(): Promise<void>;
}

/** Which tokens to forget; what is absent does not matter. */
export interface ForgetFilter {
  /** Object id (GUID) of a user or an agent user. */
  readonly userId?: string | undefined;
  /** Client id (GUID) of an agent identity. */
  readonly agentIdentity?: string | undefined;
  /** Tenant (GUID or domain), as it was asked. */
  readonly tenantId?: string | undefined;
}

/**
 * Creates the authentication of one app.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong and what it must be
 */
export function createAgentAuth<const Options extends AgentAuthOptions>(
  options: Options,
): AgentAuth<ServiceNameOf<Options>>;
/**
 * Creates the authentication of an app whose credential a sidecar holds.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong and what it must be
 */
export function createAgentAuth(options: SidecarBackendOptions): AgentAuth;
export function createAgentAuth(options: AgentAuthOptions | SidecarBackendOptions): AgentAuth {
  const resolved = "sidecarUrl" in options ? parseSidecarOptions(options) : parseOptions(options);
  const own = resolved.fetch === undefined ? createDefaultFetch() : undefined;
  const fetchFunction = resolved.fetch ?? (own as NonNullable<typeof own>).fetch;
  const { instance, entraTimeoutMs, logger } = resolved;

  const sidecar = "sidecarUrl" in options ? createSidecarBackend(options, resolved, fetchFunction) : undefined;
  const acquisition = sidecar?.acquisition ?? createAcquisition(resolved, fetchFunction);
  const { planner, acquirer, sessions, sources, endpoint } = acquisition;
  const decryptionKeys = createDecryptionKeys(resolved, acquisition.managedIdentity);
  const verifier =
    sidecar?.verifier ?? new TokenVerifier(resolved, createJsonFetcher(fetchFunction, entraTimeoutMs), decryptionKeys);
  const context: ServiceContext = { options: resolved, fetch: fetchFunction, ...acquisition };
  const app = new BoundServiceAuth(context, backgroundIdentity);

  const authenticator = new Authenticator(resolved, verifier);
  const resourceMetadata = resourceMetadataOf(resolved);
  const challengeDefaults = {
    ...((sidecar === undefined || options.tenantId !== undefined) && {
      authorizationUri: `${resolved.authority ?? `${instance}${resolved.tenantId}`}/oauth2/v2.0/authorize`,
    }),
    ...(resourceMetadata !== undefined && { resourceMetadata: resourceMetadata.url }),
  };
  const admit = (headers: InboundHeaders, request: InboundRequest = {}) => {
    const inbound = authenticator.authenticate(headers, request);
    if (!(inbound instanceof Promise)) return new BoundRequestAuth(context, inbound, request);
    return inbound.then((held) => new BoundRequestAuth(context, held, request));
  };

  return Object.freeze({
    admit,
    authenticate: async (headers: InboundHeaders, request?: InboundRequest) => admit(headers, request),
    authenticateOptional: async (headers: InboundHeaders, request?: InboundRequest) =>
      hasCredential(headers) ? admit(headers, request) : undefined,
    answer: (error: unknown) => errorAnswer(error, { logger, challengeDefaults }),
    resourceMetadata,
    forApp: () => app,
    warmUp: async () => {
      await Promise.all([verifier.warmUp(), warmUpServices({ options: resolved, planner, acquirer })]);
    },
    checkCredentials: () =>
      checkCredentials(sources, {
        clientId: resolved.clientId,
        audience: endpoint.authorityOf(resolved.tenantId).tokenEndpoint,
        budgetMs: entraTimeoutMs,
      }),
    longRunning: async (sessionKey: string) => {
      const session = Sessions.nameOf(sessionKey);
      const { tenantId: sessionTenantId } = await sessions.require(session);
      return new BoundServiceAuth(context, { ...backgroundIdentity, session, sessionTenantId });
    },
    end: async (sessionKey: string) => {
      const session = Sessions.nameOf(sessionKey);
      await sessions.end(session);
      await acquirer.forget({ session });
    },
    forget: async ({ userId, agentIdentity, tenantId }: ForgetFilter = {}) => {
      await acquirer.forget({
        userId: userId?.toLowerCase(),
        agentIdentity: agentIdentity?.toLowerCase(),
        tenantId: tenantId?.toLowerCase(),
      });
    },
    explain: (service: string, tokenOptions?: TokenOptions) => app.explain(service, tokenOptions),
    close: async () => {
      await acquirer.close();
      await own?.close();
    },
  });
}

/** Tells a ready instance from options. */
export function isAgentAuth(value: AgentAuth | AgentAuthOptions): value is AgentAuth {
  return "authenticate" in value && typeof value.authenticate === "function";
}
