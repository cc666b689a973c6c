import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { developmentKeys } from "./development-keys.js";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey | Uint8Array;
  readonly publicKey: KeyObject;
  readonly publicJwk: JWK;
}

/** The keys that an emulator signs with and publishes. */
export interface KeyRing {
  /** Signs a payload as a compact RS256 JWT with the current key. */
  sign(payload: JWTPayload): Promise<string>;
  /** The published public keys, newest first. */
  readonly published: readonly JWK[];
  /** The published key with this id. */
  find(kid: string): KeyObject | undefined;
  /**
   * Signs with a new key from now on.
   *
   * @param overlap keep publishing the keys before it (default true)
   * @returns the new key's id
   */
  rotate(overlap?: boolean): Promise<string>;
}

/** Well-known development keys of one use, for loopback alone and ready at once, or new ones. */
export type KeySource = keyof typeof developmentKeys | "generated";

/** Creates a key ring. */
export async function createKeyRing(source: KeySource): Promise<KeyRing> {
  const spares = source === "generated" ? [] : [...developmentKeys[source]];
  const next = async () => toSigningKey(spares.shift() ?? (await generateKey()));
  let current = await next();
  let published = [current];

  return {
    sign: (payload) =>
      new SignJWT(payload).setProtectedHeader({ typ: "JWT", alg: "RS256", kid: current.kid }).sign(current.privateKey),
    get published() {
      return published.map((key) => key.publicJwk);
    },
    find: (kid) => published.find((key) => key.kid === kid)?.publicKey,
    async rotate(overlap = true) {
      current = await next();
      published = overlap ? [current, ...published] : [current];
      return current.kid;
    },
  };
}

async function generateKey(): Promise<JWK> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ format: "jwk" }) as JWK;
}

async function toSigningKey(jwk: JWK): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint(jwk);
  const publicPart = { kty: "RSA", n: jwk.n ?? "", e: jwk.e ?? "" };
  return {
    kid,
    privateKey: await importJWK(jwk, "RS256"),
    publicKey: createPublicKey({ key: publicPart, format: "jwk" }),
    publicJwk: { ...publicPart, use: "sig", alg: "RS256", kid },
  };
}
