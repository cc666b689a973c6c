import { type AuthenticationResult, ConfidentialClientApplication, type Configuration } from "@azure/msal-node";
import { describeLeg, EntraError, type EntraErrorDetails, entraErrorOf } from "./entra-errors.js";
import type { Leg } from "./leg.js";
import { NetworkClient, UnreadableResponse } from "./network-client.js";
import type { CachedToken } from "./token-cache.js";

/** What authenticates a request: a secret, or a signed assertion. */
export type WireCredential = { readonly clientSecret: string } | { readonly clientAssertion: string };

/** One request to the token endpoint. */
export interface TokenRequest {
  readonly leg: Leg;
  readonly credential: WireCredential;
  /** The inbound token, for an on-behalf-of leg. */
  readonly assertion: string | undefined;
  /** The agent identity's instance token (T2), for an agent-user leg. */
  readonly userCredential: string | undefined;
  /** A claims request (JSON). */
  readonly claims: string | undefined;
  readonly correlationId: string | undefined;
}

/** Sends token requests through msal-node, one fresh client a request, so that no caller meets another's state. */
export class TokenEndpoint {
  readonly #instance: URL;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor(init: { readonly instance: string; readonly fetch: typeof fetch; readonly timeoutMs: number }) {
    this.#instance = new URL(init.instance);
    this.#fetch = init.fetch;
    this.#timeoutMs = init.timeoutMs;
  }

  /**
   * Asks for the token of a leg.
   * @throws EntraError when Entra refuses, fails, is unreachable or answers nonsense
   */
  async request(request: TokenRequest): Promise<CachedToken> {
    const { leg } = request;
    const plainHttp = this.#instance.protocol === "http:";
    const network = new NetworkClient({
      fetch: this.#fetch,
      timeoutMs: this.#timeoutMs,
      plainHttpOrigin: plainHttp ? `https://${this.#instance.host}` : undefined,
    });
    let result: AuthenticationResult | null;
    try {
      result = await acquire(this.#client(request, network), request);
    } catch (error) {
      throw this.#errorOf(leg, network, error);
    }
    if (result === null || result.accessToken === "" || result.expiresOn === null) {
      throw invalidResponse(leg, "an answer without a token");
    }
    return {
      accessToken: result.accessToken,
      authorizationHeader: `Bearer ${result.accessToken}`,
      expiresAt: result.expiresOn.getTime(),
      scopes: result.scopes,
      tenantId: leg.tenantId,
    };
  }

  #client(request: TokenRequest, network: NetworkClient): ConfidentialClientApplication {
    const { leg, credential } = request;
    const authority = `https://${this.#instance.host}${this.#instance.pathname}${leg.tenantId}`;
    const configuration: Configuration = {
      auth: {
        clientId: leg.clientId,
        authority,
        knownAuthorities: [this.#instance.host],
        authorityMetadata: authorityMetadata(authority),
        ...credential,
      },
      // Retries are ours: msal-node's know neither budget nor Retry-After.
      system: { networkClient: network, disableInternalRetries: true },
    };
    return new ConfidentialClientApplication(configuration);
  }

  #errorOf(leg: Leg, network: NetworkClient, error: unknown): EntraError {
    const { response, failure } = network;
    const details: EntraErrorDetails = { leg, aadsts: undefined, correlationId: undefined, retryable: true };
    if (failure instanceof UnreadableResponse) {
      if (failure.status === 429 || failure.status >= 500) {
        return entraErrorOf(leg, {
          status: failure.status,
          body: {},
          retryAfterSeconds: retryAfterOf(failure.headers),
        });
      }
      return invalidResponse(leg, `HTTP ${failure.status} with a body that is no JSON object`, failure);
    }
    if (failure instanceof Error && failure.name === "TimeoutError") {
      const detail = `Entra did not answer ${describeLeg(leg)} within ${this.#timeoutMs} ms. Try again.`;
      return new EntraError("entra_timeout", { ...details, detail, cause: failure });
    }
    if (failure !== undefined) {
      const detail = `Entra could not be reached at ${this.#instance.origin} for ${describeLeg(leg)}.`;
      return new EntraError("entra_unavailable", { ...details, detail, cause: failure, retryAfterSeconds: 1 });
    }
    if (response !== undefined && response.status >= 400) {
      const { status, body, headers } = response;
      return entraErrorOf(leg, { status, body, retryAfterSeconds: retryAfterOf(headers) });
    }
    return invalidResponse(leg, "an answer that cannot be used", error);
  }
}

/** The endpoints of a tenant, which msal-node would otherwise discover anew for every client. */
function authorityMetadata(authority: string): string {
  return JSON.stringify({
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    issuer: `${authority}/v2.0`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });
}

function acquire(client: ConfidentialClientApplication, request: TokenRequest): Promise<AuthenticationResult | null> {
  const { leg, claims, correlationId } = request;
  const common = {
    scopes: [...leg.scopes],
    ...(claims !== undefined && { claims }),
    ...(correlationId !== undefined && { correlationId }),
  };
  switch (leg.kind) {
    case "exchange":
      return client.acquireTokenByClientCredential({ ...common, fmiPath: leg.fmiPath });
    case "client-credentials":
    case "instance":
      return client.acquireTokenByClientCredential(common);
    case "on-behalf-of":
      return client.acquireTokenOnBehalfOf({ ...common, oboAssertion: required(request.assertion) });
    case "agent-user":
      return client.acquireTokenByUserFederatedIdentityCredential({
        ...common,
        assertion: required(request.userCredential),
        ...("username" in leg.user ? { username: leg.user.username } : { userObjectId: leg.user.userId }),
      });
  }
}

function required(value: string | undefined): string {
  if (value === undefined) throw new TypeError("a leg was run without the token that it builds on");
  return value;
}

function invalidResponse(leg: Leg, what: string, cause?: unknown): EntraError {
  return new EntraError("entra_response_invalid", {
    leg,
    aadsts: undefined,
    correlationId: undefined,
    retryable: true,
    detail: `Entra answered ${describeLeg(leg)} with ${what}.`,
    cause,
  });
}

/** `Retry-After` in seconds, from either of its forms. @see RFC 9110 section 10.2.3 */
export function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
