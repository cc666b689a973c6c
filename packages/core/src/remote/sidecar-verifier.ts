import type { Clock } from "../clock.js";
import { callerOf } from "../token/caller.js";
import type { Claims } from "../token/claims.js";
import type { TokenHash } from "../token/token-hash.js";
import { type Rememberable, VerifiedTokenCache } from "../token/verified-token-cache.js";
import type { VerifiedToken } from "../token/verify-token.js";
import type { SidecarClient } from "./sidecar-client.js";

/** Has the sidecar validate tokens, and remembers those that held until they expire. */
export class SidecarVerifier {
  readonly #client: SidecarClient;
  readonly #clock: Clock;
  readonly #verified: VerifiedTokenCache<VerifiedToken & Rememberable>;

  constructor(init: { readonly client: SidecarClient; readonly clock: Clock; readonly maxEntries: number }) {
    this.#client = init.client;
    this.#clock = init.clock;
    this.#verified = new VerifiedTokenCache(init.maxEntries);
  }

  /** @throws AgentAuthError what the sidecar says */
  verify(token: string, hash: TokenHash): VerifiedToken | Promise<VerifiedToken> {
    const known = this.#verified.get(hash);
    if (known !== undefined && known.claims.exp * 1000 > this.#clock()) return known;
    this.#verified.delete(hash);
    return this.#ask(token, hash);
  }

  /** Whether the sidecar is there. @throws AgentAuthError `entra_unavailable` */
  async warmUp(): Promise<void> {
    await this.#client.reach();
  }

  async #ask(token: string, hash: TokenHash): Promise<VerifiedToken> {
    const answer = await this.#client.call<{ readonly token: string; readonly claims: Claims }>({
      path: "/Validate",
      token,
    });
    callerOf(answer.claims);
    // The token inside an encrypted one is what comes back.
    const inner = answer.token === token ? undefined : answer.token;
    const verified = {
      hash: Buffer.from(hash, "latin1").toString("base64url"),
      claims: answer.claims,
      inner,
      seenAgain: false,
    };
    this.#verified.set(hash, verified);
    return verified;
  }
}
