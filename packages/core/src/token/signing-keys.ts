import { createPublicKey, type KeyObject } from "node:crypto";
import type { Clock } from "../clock.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import { invalidToken } from "../errors/refusals.js";
import type { JsonFetcher } from "../http/fetch-json.js";
import type { Logger } from "../logger.js";
import { type AuthorityMetadata, fetchAuthorityMetadata } from "./authority.js";

/** A key that may sign tokens. A key that is published again unchanged is the same object. */
export interface SigningKey {
  readonly key: KeyObject;
  /** RSA modulus, base64url. */
  readonly modulus: string;
  /** RSA exponent, base64url. */
  readonly exponent: string;
  /** Issuer, or issuer template, that this key signs for; absent = any issuer of the authority. */
  readonly issuer: string | undefined;
  /** Whether it is still published, as far as is known now. One that disappears stays withdrawn. */
  published: boolean;
}

/** Metadata and keys of one discovery document, as of one moment. */
export interface KeySet {
  /** Counts the fetches: a set with a higher number was fetched later. */
  readonly generation: number;
  readonly metadata: AuthorityMetadata;
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly fetchedAt: number;
}

/** After this long, keys are fetched again in the background. */
const refreshAfterMs = 60 * 60 * 1000;
/** Past this age, keys that could not be refreshed are no longer trusted. */
const maxStaleMs = 24 * 60 * 60 * 1000;
/** Least time between two fetches that an unknown `kid` or a failure causes. */
const coolDownMs = 30 * 1000;

/**
 * The signing keys of one authority. They are fetched when first needed, refreshed in the background, kept through
 * an outage of the endpoint, and fetched at most once per cool-down for a `kid` that nobody knows.
 */
export class SigningKeys {
  readonly #url: string;
  readonly #fetchJson: JsonFetcher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onWithdrawn: () => void;
  #current: KeySet | undefined;
  #flight: Promise<KeySet> | undefined;
  #nextForUnknownKid = Number.NEGATIVE_INFINITY;
  #nextAfterFailure = Number.NEGATIVE_INFINITY;
  #lastFailure: unknown;

  /**
   * @param init.url address of the OpenID configuration
   * @param init.onWithdrawn called when keys disappeared: those that are not `published` any more
   */
  constructor(init: {
    readonly url: string;
    readonly fetchJson: JsonFetcher;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly onWithdrawn: () => void;
  }) {
    this.#url = init.url;
    this.#fetchJson = init.fetchJson;
    this.#clock = init.clock;
    this.#logger = init.logger;
    this.#onWithdrawn = init.onWithdrawn;
  }

  /**
   * The key set, at most `maxStaleMs` old.
   * @throws AgentAuthError `keys_unavailable` (503) when there is none and the endpoint fails
   */
  async current(): Promise<KeySet> {
    const now = this.#clock();
    const keySet = this.#current;
    if (keySet !== undefined && now - keySet.fetchedAt < maxStaleMs) {
      if (now - keySet.fetchedAt > refreshAfterMs && now >= this.#nextAfterFailure) {
        this.#refresh().catch((error: unknown) => this.#warn(error));
      }
      return keySet;
    }
    if (this.#flight === undefined && now < this.#nextAfterFailure) throw this.#unavailable(this.#lastFailure);
    try {
      return await this.#refresh();
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /**
   * The key that a token names.
   * @throws AgentAuthError `token_key_unknown` (401), `keys_unavailable` (503)
   */
  async find(kid: string): Promise<{ readonly keySet: KeySet; readonly key: SigningKey }> {
    const known = this.#current?.generation ?? 0;
    let keySet = await this.current();
    let key = keySet.keys.get(kid);
    // A set that was fetched after the token came cannot become newer by fetching again.
    if (key === undefined && keySet.generation === known && this.#mayFetchForUnknownKid()) {
      try {
        keySet = await this.#refresh();
        key = keySet.keys.get(kid);
      } catch (error) {
        this.#warn(error);
      }
    }
    if (key === undefined) {
      throw invalidToken(
        "token_key_unknown",
        "The access token is signed with a key that its tenant does not publish.",
      );
    }
    return { keySet, key };
  }

  #mayFetchForUnknownKid(): boolean {
    if (this.#flight !== undefined) return true;
    const now = this.#clock();
    if (now < this.#nextForUnknownKid || now < this.#nextAfterFailure) return false;
    this.#nextForUnknownKid = now + coolDownMs;
    return true;
  }

  #refresh(): Promise<KeySet> {
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fetch(): Promise<KeySet> {
    try {
      const metadata = await fetchAuthorityMetadata(this.#fetchJson, this.#url);
      const document = await this.#fetchJson(metadata.jwksUri);
      if (!Array.isArray(document.keys)) throw new TypeError(`${metadata.jwksUri} lacks keys`);
      const keys = importKeys(document.keys, this.#current?.keys);
      if (keys.size === 0) throw new TypeError(`${metadata.jwksUri} has no usable signing key`);
      const before = [...(this.#current?.keys ?? [])];
      for (const [kid, key] of before) key.published = keys.get(kid) === key;
      const generation = (this.#current?.generation ?? 0) + 1;
      this.#current = { generation, metadata, keys, fetchedAt: this.#clock() };
      if (before.some(([, key]) => !key.published)) this.#onWithdrawn();
      return this.#current;
    } catch (error) {
      this.#lastFailure = error;
      this.#nextAfterFailure = this.#clock() + coolDownMs;
      throw error;
    }
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.warn(`agent-auth: keys could not be fetched from ${this.#url}: ${reason}`);
  }

  #unavailable(cause: unknown): AgentAuthError {
    return new AgentAuthError("keys_unavailable", {
      detail: "The keys that sign access tokens could not be fetched from Entra. Try again shortly.",
      cause,
      retryAfterSeconds: Math.max(1, (this.#nextAfterFailure - this.#clock()) / 1000),
    });
  }
}

function importKeys(
  jwks: readonly unknown[],
  before: ReadonlyMap<string, SigningKey> | undefined,
): Map<string, SigningKey> {
  const keys = new Map<string, SigningKey>();
  for (const jwk of jwks) {
    if (!isSigningJwk(jwk)) continue;
    const { kid, n: modulus, e: exponent, issuer } = jwk;
    const known = before?.get(kid);
    if (known?.modulus === modulus && known.exponent === exponent && known.issuer === issuer) {
      keys.set(kid, known);
      continue;
    }
    const key = importKey(modulus, exponent);
    if (key !== undefined) keys.set(kid, { key, modulus, exponent, issuer, published: true });
  }
  return keys;
}

/** Bits of the shortest RSA modulus that is trusted. @see RFC 7518 section 3.3 */
const minModulusBits = 2048;

/** `undefined` for a key that cannot be read or is too weak: it does not take the others with it. */
function importKey(modulus: string, exponent: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: { kty: "RSA", n: modulus, e: exponent }, format: "jwk" });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    return modulusLength >= minModulusBits && publicExponent >= 3n ? key : undefined;
  } catch {
    return undefined;
  }
}

interface SigningJwk {
  readonly kid: string;
  readonly n: string;
  readonly e: string;
  readonly issuer?: string;
}

function isSigningJwk(value: unknown): value is SigningJwk {
  if (typeof value !== "object" || value === null) return false;
  const { kty, use, kid, n, e, issuer } = value as Record<string, unknown>;
  return (
    kty === "RSA" &&
    (use === undefined || use === "sig") &&
    typeof kid === "string" &&
    typeof n === "string" &&
    typeof e === "string" &&
    (issuer === undefined || typeof issuer === "string")
  );
}
