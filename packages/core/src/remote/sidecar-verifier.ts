import { hash } from "node:crypto";
import type { Clock } from "../clock.js";
import { callerOf } from "../token/caller.js";
import type { Claims } from "../token/claims.js";
import { type Rememberable, VerifiedTokenCache } from "../token/verified-token-cache.js";
import type { VerifiedToken } from "../token/verify-token.js";
import type { SidecarClient } from "./sidecar-client.js";

/** Has the sidecar validate tokens, and remembers those that held until they expire. */
export class SidecarVerifier {
  readonly #client: SidecarClient;
  readonly #clock: Clock;
  readonly #verified: VerifiedTokenCache<Rememberable>;

  constructor(init: { readonly client: SidecarClient; readonly clock: Clock; readonly maxEntries: number }) {
    this.#client = init.client;
    this.#clock = init.clock;
    this.#verified = new VerifiedTokenCache(init.maxEntries);
  }

  /** @throws AgentAuthError what the sidecar says */
  verify(token: string): VerifiedToken | Promise<VerifiedToken> {
    const tokenHash = hash("sha256", token, "base64url");
    const known = this.#verified.get(tokenHash);
    if (known !== undefined && known.claims.exp * 1000 > this.#clock()) return known;
    this.#verified.delete(tokenHash);
    return this.#ask(token, tokenHash);
  }

  /** Whether the sidecar is there. @throws AgentAuthError `entra_unavailable` */
  async warmUp(): Promise<void> {
    await this.#client.reach();
  }

  async #ask(token: string, tokenHash: string): Promise<VerifiedToken> {
    const answer = await this.#client.call<{ readonly token: string; readonly claims: Claims }>({
      path: "/Validate",
      token,
    });
    callerOf(answer.claims);
    // The token inside an encrypted one is what comes back.
    const inner = answer.token === token ? undefined : answer.token;
    const verified = { hash: tokenHash, claims: answer.claims, inner, seenAgain: false };
    this.#verified.set(verified);
    return verified;
  }
}
