import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { LegContext } from "./acquire-context.js";
import { accessTokenOf, type CachedToken } from "./cache/cached-token.js";
import type { ClientCredentials } from "./credentials/client-credentials.js";
import { EntraError } from "./entra-error.js";
import type { ManagedIdentity } from "./managed-identity/managed-identity.js";
import type { Leg, ManagedIdentityLeg } from "./plan/leg.js";
import { requestSessionLeg } from "./sessions/request-session-leg.js";
import type { Sessions } from "./sessions/sessions.js";
import type { IssuedToken } from "./wire/issued-token.js";
import type { TokenEndpoint, WireCredential } from "./wire/token-endpoint.js";

/** One leg to be asked for. */
export interface LegRequest {
  readonly leg: Leg;
  readonly context: LegContext;
  /** The token of an earlier leg of the same plan, by its index. */
  readonly tokenOf: (index: number) => Promise<CachedToken>;
}

/** What a {@link LegRequester} is made of. */
export interface LegRequesterInit {
  readonly endpoint: TokenEndpoint;
  readonly credentials: ClientCredentials;
  readonly managedIdentity: ManagedIdentity;
  readonly sessions: Sessions;
}

/** Asks for the token of a leg, once what it builds on is there. */
export class LegRequester {
  readonly #init: LegRequesterInit;

  constructor(init: LegRequesterInit) {
    this.#init = init;
  }

  /**
   * The token of a leg, from Entra.
   * @throws EntraError, or AgentAuthError `credential_missing`, `managed_identity_unavailable`, `session_ended`
   */
  async request(request: LegRequest): Promise<IssuedToken> {
    const { leg, context } = request;
    switch (leg.kind) {
      case "managed-identity":
        return this.#init.managedIdentity.request(managedIdentityRequest(leg), remainingMs(context));
      case "long-running":
        return requestSessionLeg(leg, this.#init.sessions, (sessionLeg, assertion) =>
          this.#authenticated({ ...request, leg: sessionLeg }, assertion),
        );
      case "on-behalf-of":
        return this.#authenticated(request, requireAssertion(context));
      default:
        return this.#authenticated(request, undefined);
    }
  }

  /** Sends a leg with its client credential: an earlier leg's token, or one of those that are configured. */
  async #authenticated(request: LegRequest, assertion: string | undefined): Promise<IssuedToken> {
    const { leg } = request;
    if (typeof leg.credential === "number") {
      const clientAssertion = accessTokenOf(await request.tokenOf(leg.credential));
      return this.#send(request, { credential: { clientAssertion }, assertion });
    }
    const loaded = await this.#init.credentials.load(this.#credentialRequest(request));
    try {
      return await this.#send(request, { credential: loaded.credential, assertion });
    } catch (error) {
      if (!(error instanceof EntraError) || error.code !== "credential_refused") throw error;
      // A certificate or an assertion may have been replaced on disk since it was read.
      const renewed = await loaded.renew();
      if (renewed === undefined) throw error;
      return this.#send(request, { credential: renewed, assertion });
    }
  }

  #credentialRequest({ leg, context }: LegRequest) {
    const audience = this.#init.endpoint.authorityOf(leg.tenantId).tokenEndpoint;
    return { clientId: leg.clientId, audience, budgetMs: remainingMs(context) };
  }

  async #send(
    request: LegRequest,
    proof: { readonly credential: WireCredential; readonly assertion: string | undefined },
  ): Promise<IssuedToken> {
    const { leg, context } = request;
    const userCredential =
      leg.kind === "agent-user" ? accessTokenOf(await request.tokenOf(leg.userCredential)) : undefined;
    return this.#init.endpoint.request({
      leg,
      ...proof,
      userCredential,
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
