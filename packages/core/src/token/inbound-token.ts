import { type Caller, callerOf } from "./caller.js";
import type { Claims } from "./claims.js";
import type { VerifiedToken } from "./verify-token.js";

/** The token of one request, verified. */
export class InboundToken {
  readonly verified: VerifiedToken;
  /** The access token; the signed one inside, when it came encrypted or in a signed request. */
  readonly token: string;
  #caller: Caller | undefined;

  constructor(verified: VerifiedToken, token: string) {
    this.verified = verified;
    this.token = verified.inner ?? token;
  }

  /** SHA-256 of the token as it came, base64url. */
  get hash(): string {
    return this.verified.hash;
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
