import type { Clock } from "../clock.js";
import { callerOf } from "../token/caller.js";
import type { Claims } from "../token/claims.js";
import type { TokenFingerprint } from "../token/token-fingerprint.js";
import { VerifiedTokenCache } from "../token/verified-token-cache.js";
import type { VerifiedToken } from "../token/verify-token.js";
import type { SidecarClient } from "./sidecar-client.js";

/** Has the sidecar validate tokens, and remembers those that held until they expire. */
export class SidecarVerifier {
  readonly #client: SidecarClient;
  readonly #clock: Clock;
  readonly #verified: VerifiedTokenCache<VerifiedToken>;

  constructor(init: { readonly client: SidecarClient; readonly clock: Clock; readonly maxEntries: number }) {
    this.#client = init.client;
    this.#clock = init.clock;
    this.#verified = new VerifiedTokenCache(init.maxEntries);
  }

  /** @throws AgentAuthError what the sidecar says */
  verify(token: string, fingerprint: TokenFingerprint): VerifiedToken | Promise<VerifiedToken> {
    return this.#verified.get(fingerprint, this.#clock() / 1000) ?? this.#ask(token, fingerprint);
  }

  /** Whether the sidecar is there. @throws AgentAuthError `entra_unavailable` */
  async warmUp(): Promise<void> {
    await this.#client.reach();
  }

  async #ask(token: string, fingerprint: TokenFingerprint): Promise<VerifiedToken> {
    const answer = await this.#client.call<{ readonly token: string; readonly claims: Claims }>({
      path: "/Validate",
      token,
    });
    callerOf(answer.claims);
    // The token inside an encrypted one is what comes back.
    const inner = answer.token === token ? undefined : answer.token;
    const verified = { claims: answer.claims, inner, hash: undefined };
    this.#verified.set(fingerprint, verified, { notBefore: 0, notAfter: Math.floor(answer.claims.exp) });
    return verified;
  }
}
