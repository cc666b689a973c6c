import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { LegContext } from "./acquire-context.js";
import { accessTokenOf, type CachedToken } from "./cache/cached-token.js";
import type { ClientCredentials } from "./credentials/client-credentials.js";
import { EntraError } from "./entra-error.js";
import type { ManagedIdentity } from "./managed-identity/managed-identity.js";
import type { Leg, ManagedIdentityLeg } from "./plan/leg.js";
import type { IssuedToken } from "./wire/issued-token.js";
import type { TokenEndpoint, WireCredential } from "./wire/token-endpoint.js";

/** One leg to be asked for. */
export interface LegRequest {
  readonly leg: Leg;
  readonly context: LegContext;
  /** The token of an earlier leg of the same plan, by its index. */
  readonly tokenOf: (index: number) => Promise<CachedToken>;
}

/** Asks for the token of a leg, once what it builds on is there. */
export class LegRequester {
  readonly #endpoint: TokenEndpoint;
  readonly #credentials: ClientCredentials;
  readonly #managedIdentity: ManagedIdentity;

  constructor(init: {
    readonly endpoint: TokenEndpoint;
    readonly credentials: ClientCredentials;
    readonly managedIdentity: ManagedIdentity;
  }) {
    this.#endpoint = init.endpoint;
    this.#credentials = init.credentials;
    this.#managedIdentity = init.managedIdentity;
  }

  /**
   * The token of a leg, from Entra.
   * @throws EntraError, or AgentAuthError `credential_missing`, `managed_identity_unavailable`
   */
  async request(request: LegRequest): Promise<IssuedToken> {
    const { leg, context } = request;
    if (leg.kind === "managed-identity") {
      return this.#managedIdentity.request(managedIdentityRequest(leg), remainingMs(context));
    }
    if (typeof leg.credential === "number") {
      return this.#send(request, { clientAssertion: accessTokenOf(await request.tokenOf(leg.credential)) });
    }
    const loaded = await this.#credentials.load(this.#credentialRequest(request));
    try {
      return await this.#send(request, loaded.credential);
    } catch (error) {
      if (!(error instanceof EntraError) || error.code !== "credential_refused") throw error;
      // A certificate or an assertion may have been replaced on disk since it was read.
      const renewed = await loaded.renew();
      if (renewed === undefined) throw error;
      return this.#send(request, renewed);
    }
  }

  #credentialRequest({ leg, context }: LegRequest) {
    const audience = this.#endpoint.authorityOf(leg.tenantId).tokenEndpoint;
    return { clientId: leg.clientId, audience, budgetMs: remainingMs(context) };
  }

  async #send(request: LegRequest, credential: WireCredential): Promise<IssuedToken> {
    const { leg, context } = request;
    const userCredential =
      leg.kind === "agent-user" ? accessTokenOf(await request.tokenOf(leg.userCredential)) : undefined;
    return this.#endpoint.request({
      leg,
      credential,
      userCredential,
      assertion: leg.kind === "on-behalf-of" ? requireAssertion(context) : undefined,
      claims: context.claims,
      correlationId: context.correlationId,
      budgetMs: remainingMs(context),
    });
  }
}

function managedIdentityRequest({ scopes, clientId }: ManagedIdentityLeg) {
  const resource = (scopes[0] ?? "").replace(/\/\.default$/, "");
  return { resource, clientId: clientId === "system-assigned" ? undefined : clientId };
}

function remainingMs({ deadline }: LegContext): number {
  return deadline - performance.now();
}

function requireAssertion({ assertion }: LegContext): string {
  if (assertion === undefined) {
    throw new AgentAuthError("app_only_caller", { detail: "Nobody called, so nobody can be acted on behalf of." });
  }
  return assertion.token;
}
