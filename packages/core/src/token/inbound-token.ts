import { hash } from "node:crypto";
import { type Caller, callerOf } from "./caller.js";
import type { Claims } from "./claims.js";
import type { VerifiedToken } from "./verify-token.js";

/** The token of one request, verified. What is known of it is looked at when somebody asks. */
export class InboundToken {
  readonly verified: VerifiedToken;
  readonly #token: string;
  #caller: Caller | undefined;

  constructor(verified: VerifiedToken, token: string) {
    this.verified = verified;
    this.#token = token;
  }

  /** The access token; the signed one inside, when it came encrypted or in a signed request. */
  get token(): string {
    return this.verified.inner ?? this.#token;
  }

  /** SHA-256 of the access token as it came, base64url: its name in caches, here and in other processes. */
  get hash(): string {
    this.verified.hash ??= hash("sha256", this.#token, "base64url");
    return this.verified.hash;
  }

  get claims(): Claims {
    return this.verified.claims;
  }

  get caller(): Caller {
    this.#caller ??= callerOf(this.verified.claims);
    return this.#caller;
  }
}
