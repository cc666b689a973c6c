import { type AuthenticationResult, ConfidentialClientApplication, type Configuration } from "@azure/msal-node";
import type { Clock } from "../../clock.js";
import { EntraError } from "../entra-error.js";
import { describeLeg, type Leg } from "../plan/leg.js";
import { authorityMetadata, type TenantAuthority, tenantAuthority } from "./authority.js";
import { type IssuedToken, issuedToken } from "./issued-token.js";
import { NetworkClient } from "./network-client.js";
import { invalidResponse, wireError } from "./wire-error.js";

/** What authenticates a request: a secret, or a signed assertion. */
export type WireCredential = { readonly clientSecret: string } | { readonly clientAssertion: string };

/** One request to the token endpoint. */
export interface TokenRequest {
  readonly leg: Leg;
  readonly credential: WireCredential;
  /** The inbound token of an on-behalf-of leg, the refresh token of a long-running one. */
  readonly assertion: string | undefined;
  /** The agent identity's instance token (T2), for an agent-user leg. */
  readonly userCredential: string | undefined;
  /** A claims request (JSON). */
  readonly claims: string | undefined;
  readonly correlationId: string;
  /** Milliseconds that are left for it. */
  readonly budgetMs: number;
}

/** What a {@link TokenEndpoint} needs. */
export interface TokenEndpointOptions {
  /** Ends with `/`. */
  readonly instance: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly maxRetries: number;
  /** Azure region whose endpoint app-only legs ask. */
  readonly azureRegion: string | undefined;
  /** Capabilities that are claimed for the app's own tokens, such as `cp1`. */
  readonly clientCapabilities: readonly string[];
}

/** Legs that Entra's regional endpoints serve: those without a user. */
const regionalLegs: ReadonlySet<Leg["kind"]> = new Set(["exchange", "client-credentials", "instance"]);
/** Legs whose token is for Entra itself, which no resource will ever challenge. */
const exchangeLegs: ReadonlySet<Leg["kind"]> = new Set(["exchange", "instance"]);

/** Sends token requests through msal-node, one fresh client a request, so that no caller meets another's state. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #instance: URL;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
    this.#instance = new URL(options.instance);
  }

  /** The authority of a tenant; its token endpoint is the audience of a client assertion. */
  authorityOf(tenantId: string): TenantAuthority {
    return tenantAuthority(this.#instance, tenantId);
  }

  /**
   * Asks for the token of a leg.
   * @throws EntraError when Entra refuses, fails, is unreachable or answers nonsense
   */
  async request(request: TokenRequest): Promise<IssuedToken> {
    const { leg, budgetMs } = request;
    const { fetch, clock, maxRetries } = this.#options;
    if (budgetMs <= 0) throw this.#outOfTime(request);
    const authority = this.authorityOf(leg.tenantId);
    const { plainHttpOrigin } = authority;
    // msal-node sends the id in the form alone, where gateways and Entra's own answers do not see it.
    const headers = { "client-request-id": request.correlationId, "return-client-request-id": "true" };
    const network = new NetworkClient({ fetch, budgetMs, maxRetries, plainHttpOrigin, headers });
    let result: AuthenticationResult | null;
    try {
      result = await send(this.#client(request, authority, network), request);
    } catch (error) {
      throw wireError(network, error, { leg, origin: this.#instance.origin, budgetMs, ...idOf(request) });
    }
    if (result === null || result.accessToken === "" || network.response === undefined) {
      throw invalidResponse(leg, "an answer without a token");
    }
    return issuedToken(leg, result, { body: network.response.body, now: clock() });
  }

  #client(request: TokenRequest, authority: TenantAuthority, network: NetworkClient): ConfidentialClientApplication {
    const { leg, credential } = request;
    const { azureRegion, clientCapabilities } = this.#options;
    const region = regionalLegs.has(leg.kind) ? azureRegion : undefined;
    const configuration: Configuration = {
      auth: {
        clientId: leg.clientId,
        authority: authority.url,
        knownAuthorities: [authority.host],
        authorityMetadata: authorityMetadata(authority, region),
        ...(!exchangeLegs.has(leg.kind) && { clientCapabilities: [...clientCapabilities] }),
        ...credential,
      },
      // Retries are ours: msal-node's know neither budget nor Retry-After.
      system: { networkClient: network, disableInternalRetries: true },
      telemetry: { application: { appName: "agent-auth", appVersion: "" } },
    };
    return new ConfidentialClientApplication(configuration);
  }

  #outOfTime({ leg, correlationId }: TokenRequest): EntraError {
    return new EntraError("entra_timeout", {
      leg,
      aadsts: undefined,
      retryable: true,
      correlationId,
      detail: `No time was left for ${describeLeg(leg)}: what precedes it took it all. Try again.`,
      retryAfterSeconds: 1,
    });
  }
}

function idOf({ correlationId }: TokenRequest) {
  return { correlationId };
}

function send(client: ConfidentialClientApplication, request: TokenRequest): Promise<AuthenticationResult | null> {
  const { leg, claims, correlationId } = request;
  const common = { scopes: [...leg.scopes], correlationId, ...(claims !== undefined && { claims }) };
  switch (leg.kind) {
    case "exchange":
      return client.acquireTokenByClientCredential({ ...common, fmiPath: leg.fmiPath });
    case "client-credentials":
      return client.acquireTokenByClientCredential({
        ...common,
        ...(leg.fmiPath !== undefined && { fmiPath: leg.fmiPath }),
      });
    case "instance":
      return client.acquireTokenByClientCredential(common);
    case "on-behalf-of":
      return client.acquireTokenOnBehalfOf({ ...common, oboAssertion: required(request.assertion) });
    case "long-running":
      return client.acquireTokenByRefreshToken({ ...common, refreshToken: required(request.assertion) });
    case "agent-user":
      return client.acquireTokenByUserFederatedIdentityCredential({
        ...common,
        assertion: required(request.userCredential),
        ...("username" in leg.user ? { username: leg.user.username } : { userObjectId: leg.user.userId }),
      });
    case "managed-identity":
      throw new TypeError("a managed identity has no token endpoint");
  }
}

function required(value: string | undefined): string {
  if (value === undefined) throw new TypeError("a leg was run without the token that it builds on");
  return value;
}
