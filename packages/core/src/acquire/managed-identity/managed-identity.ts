import type { Clock } from "../../clock.js";
import { AgentAuthError } from "../../errors/agent-auth-error.js";
import { bearerHeader } from "../cache/cached-token.js";
import type { IssuedToken } from "../wire/issued-token.js";
import { NetworkClient } from "../wire/network-client.js";
import { type ManagedIdentityRequest, managedIdentitySource } from "./managed-identity-source.js";

/** Longest wait for an endpoint that is on this machine, or that is not there at all, in milliseconds. */
const longestWaitMs = 5_000;

/** What a {@link ManagedIdentity} needs. */
export interface ManagedIdentityInit {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly maxRetries: number;
}

/**
 * Tokens of the machine's managed identity. Not msal-node's, whose choice of endpoint, network client and cache are
 * kept for the life of the process, by whoever asked first.
 */
export class ManagedIdentity {
  readonly #init: ManagedIdentityInit;

  constructor(init: ManagedIdentityInit) {
    this.#init = init;
  }

  /**
   * A token for a resource.
   * @throws AgentAuthError `managed_identity_unavailable`
   */
  async request(request: ManagedIdentityRequest, budgetMs: number): Promise<IssuedToken> {
    const { fetch, maxRetries, clock } = this.#init;
    const network = new NetworkClient({ fetch, maxRetries, budgetMs: Math.min(budgetMs, longestWaitMs) });
    const source = managedIdentitySource(process.env);
    try {
      await source.send(request, network);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : "it failed";
      throw unavailable(`${source.name} gave no token: ${why}. A managed identity exists on Azure alone`, cause);
    }
    const { response } = network;
    const body = response?.body ?? {};
    if (response?.status !== 200 || typeof body.access_token !== "string") {
      const said = String(body.error_description ?? body.error ?? "nothing").slice(0, 300);
      const identity = request.clientId ?? "the system-assigned identity";
      throw unavailable(
        `${source.name} refused a token of ${identity} for ${request.resource} (HTTP ${response?.status}): ${said}`,
      );
    }
    const now = clock();
    const expiresAtMs = expiryOf(body, now);
    const refreshIn = Number(body.refresh_in);
    return {
      authorizationHeader: bearerHeader(body.access_token),
      expiresAtMs,
      refreshAtMs: refreshIn > 0 ? now + refreshIn * 1000 : undefined,
      scopes: [`${request.resource}/.default`],
      refreshToken: undefined,
    };
  }
}

/** `expires_in`, or, as App Service has it, `expires_on`: seconds since the epoch. */
function expiryOf(body: Readonly<Record<string, unknown>>, now: number): number {
  const expiresIn = Number(body.expires_in ?? Number.NaN);
  if (Number.isFinite(expiresIn)) return now + expiresIn * 1000;
  const expiresOn = Number(body.expires_on ?? Number.NaN);
  if (Number.isFinite(expiresOn)) return expiresOn * 1000;
  throw unavailable("The managed identity endpoint named no lifetime");
}

function unavailable(detail: string, cause?: unknown): AgentAuthError {
  return new AgentAuthError("managed_identity_unavailable", { detail: `${detail}.`, cause, retryAfterSeconds: 1 });
}
