import { type CryptoKey, importJWK, type JWK } from "jose";
import type { Clock } from "../clock.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import { invalidToken } from "../errors/refusals.js";
import type { JsonFetcher } from "../http/fetch-json.js";
import type { Logger } from "../logger.js";
import { type AuthorityMetadata, discoveryUrl, fetchAuthorityMetadata, type TokenVersion } from "./authority.js";

/** A key that may sign tokens. */
export interface SigningKey {
  readonly key: CryptoKey;
  /** Issuer, or issuer template, that this key signs for; absent = any issuer of the authority. */
  readonly issuer: string | undefined;
}

/** Metadata and keys of one discovery document, as of one moment. */
export interface KeySet {
  readonly metadata: AuthorityMetadata;
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly fetchedAt: number;
}

/** After this long, keys are fetched again in the background. */
const refreshAfterMs = 60 * 60 * 1000;
/** Past this age, keys that could not be refreshed are no longer trusted. */
const maxStaleMs = 24 * 60 * 60 * 1000;
/** Least time between two fetches that an unknown `kid` or a failure can cause. */
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
  #current: KeySet | undefined;
  #flight: Promise<KeySet> | undefined;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #lastFailure: unknown;

  constructor(init: {
    readonly instance: string;
    readonly tenantId: string;
    readonly version: TokenVersion;
    readonly fetchJson: JsonFetcher;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#url = discoveryUrl(init.instance, init.tenantId, init.version);
    this.#fetchJson = init.fetchJson;
    this.#clock = init.clock;
    this.#logger = init.logger;
  }

  /**
   * The key set, at most `maxStaleMs` old.
   * @throws AgentAuthError `keys_unavailable` (503) when there is none and the endpoint fails
   */
  async current(): Promise<KeySet> {
    const now = this.#clock();
    const keySet = this.#current;
    if (keySet !== undefined && now - keySet.fetchedAt < maxStaleMs) {
      if (now - keySet.fetchedAt > refreshAfterMs && this.#coolDownOver(now)) {
        this.#refresh().catch((error: unknown) => {
          this.#logger.warn(`agent-auth: keys could not be refreshed from ${this.#url}: ${messageOf(error)}`);
        });
      }
      return keySet;
    }
    if (this.#flight === undefined && !this.#coolDownOver(now)) throw this.#unavailable(this.#lastFailure);
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
    let keySet = await this.current();
    let key = keySet.keys.get(kid);
    if (key === undefined && (this.#flight !== undefined || this.#coolDownOver(this.#clock()))) {
      try {
        keySet = await this.#refresh();
        key = keySet.keys.get(kid);
      } catch (error) {
        this.#logger.warn(`agent-auth: keys could not be fetched from ${this.#url}: ${messageOf(error)}`);
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

  #coolDownOver(now: number): boolean {
    return now - this.#lastAttempt >= coolDownMs;
  }

  #refresh(): Promise<KeySet> {
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fetch(): Promise<KeySet> {
    this.#lastAttempt = this.#clock();
    try {
      const metadata = await fetchAuthorityMetadata(this.#fetchJson, this.#url);
      const document = await this.#fetchJson(metadata.jwksUri);
      if (!Array.isArray(document.keys)) throw new TypeError(`${metadata.jwksUri} lacks keys`);
      const keys = await importKeys(document.keys);
      if (keys.size === 0) throw new TypeError(`${metadata.jwksUri} has no usable signing key`);
      this.#current = { metadata, keys, fetchedAt: this.#clock() };
      return this.#current;
    } catch (error) {
      this.#lastFailure = error;
      throw error;
    }
  }

  #unavailable(cause: unknown): AgentAuthError {
    return new AgentAuthError("keys_unavailable", {
      detail: "The keys that sign access tokens could not be fetched from Entra. Try again shortly.",
      cause,
      retryAfterSeconds: coolDownMs / 1000,
    });
  }
}

async function importKeys(jwks: readonly unknown[]): Promise<Map<string, SigningKey>> {
  const keys = new Map<string, SigningKey>();
  for (const jwk of jwks) {
    if (!isSigningJwk(jwk)) continue;
    const key = await importJWK({ kty: jwk.kty, n: jwk.n, e: jwk.e }, "RS256");
    if (key instanceof Uint8Array) continue;
    keys.set(jwk.kid, { key, issuer: jwk.issuer });
  }
  return keys;
}

interface SigningJwk {
  readonly kty: "RSA";
  readonly kid: string;
  readonly n: string;
  readonly e: string;
  readonly issuer?: string;
}

/** Bytes of the shortest RSA modulus that is trusted (2048 bits). @see RFC 7518 section 3.3 */
const minModulusBytes = 256;

function isSigningJwk(value: unknown): value is SigningJwk {
  if (typeof value !== "object" || value === null) return false;
  const jwk = value as JWK & { issuer?: unknown };
  return (
    jwk.kty === "RSA" &&
    typeof jwk.kid === "string" &&
    typeof jwk.n === "string" &&
    typeof jwk.e === "string" &&
    (jwk.use === undefined || jwk.use === "sig") &&
    (jwk.issuer === undefined || typeof jwk.issuer === "string") &&
    Buffer.from(jwk.n, "base64url").byteLength >= minModulusBytes
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
