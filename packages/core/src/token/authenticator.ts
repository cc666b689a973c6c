import { invalidToken } from "../errors/refusals.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import { headerOf, type InboundHeaders, readCredential } from "./credential.js";
import { InboundToken } from "./inbound-token.js";
import { ProofOfPossession, type SignedRequestTarget } from "./proof-of-possession.js";
import { fingerprintOf } from "./token-fingerprint.js";
import type { TokenVerifier } from "./verify-token.js";

/** What is known of a request besides its headers. */
export interface InboundRequest {
  /**
   * Fires when the client goes away: downstream calls made for the request are called off then. Read when the first
   * such call is made.
   */
  readonly signal?: AbortSignal | undefined;
  /** HTTP method; needed for proof-of-possession tokens alone. */
  readonly method?: string | undefined;
  /** Path with its query, as it came; needed for proof-of-possession tokens alone. */
  readonly url?: string | undefined;
}

/** From the headers of a request to its verified token. */
export class Authenticator {
  readonly #options: ResolvedOptions;
  readonly #verifier: Pick<TokenVerifier, "verify">;
  readonly #possession: ProofOfPossession | undefined;

  constructor(options: ResolvedOptions, verifier: Pick<TokenVerifier, "verify">) {
    this.#options = options;
    this.#verifier = verifier;
    this.#possession = options.proofOfPossession ? new ProofOfPossession(options.clock) : undefined;
  }

  /**
   * Answers at once for a token that is known.
   * @throws AgentAuthError an `authorization_*` or `token_*` code, or `keys_unavailable`
   */
  authenticate(headers: InboundHeaders, request: InboundRequest): InboundToken | Promise<InboundToken> {
    const { scheme, token } = readCredential(headers, this.#options);
    if (this.#possession !== undefined) {
      if (scheme !== "PoP") return this.#authenticateUnbound(token);
      const target = { method: request.method, url: request.url, host: headerOf(headers, "host") };
      return this.#authenticateSigned(token, this.#possession, target);
    }
    const verified = this.#verifier.verify(token, fingerprintOf(token));
    return verified instanceof Promise
      ? verified.then((held) => new InboundToken(held, token))
      : new InboundToken(verified, token);
  }

  async #authenticateSigned(
    signedRequest: string,
    possession: ProofOfPossession,
    target: SignedRequestTarget,
  ): Promise<InboundToken> {
    const token = possession.accessTokenOf(signedRequest);
    const verified = await this.#verifier.verify(token, fingerprintOf(token));
    await possession.verify(signedRequest, verified.claims, target);
    return new InboundToken(verified, token);
  }

  /** A token that is bound to a key is worth nothing to who does not hold the key. */
  async #authenticateUnbound(token: string): Promise<InboundToken> {
    const verified = await this.#verifier.verify(token, fingerprintOf(token));
    if (verified.claims.cnf !== undefined) {
      const detail = "The access token is bound to a key (cnf). Send it in a signed request: Authorization: PoP …";
      throw invalidToken("token_possession_unproven", detail);
    }
    return new InboundToken(verified, token);
  }
}
