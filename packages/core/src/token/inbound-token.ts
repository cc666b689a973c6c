import { type Caller, callerOf } from "./caller.js";
import type { Claims } from "./claims.js";
import type { TokenHash } from "./token-hash.js";
import type { VerifiedToken } from "./verify-token.js";

/** The token of one request, verified. */
export class InboundToken {
  readonly verified: VerifiedToken;
  /** The access token; the signed one inside, when it came encrypted or in a signed request. */
  readonly token: string;
  /** Of the access token as it came. */
  readonly hash: TokenHash;
  #caller: Caller | undefined;

  constructor(verified: VerifiedToken, token: string, hash: TokenHash) {
    this.verified = verified;
    this.hash = hash;
    this.token = verified.inner ?? token;
  }

  get claims(): Claims {
    return this.verified.claims;
  }

  /** Told when somebody asks: most of what a caller is stands in the claims already. */
  get caller(): Caller {
    this.#caller ??= callerOf(this.verified.claims);
    return this.#caller;
  }
}
