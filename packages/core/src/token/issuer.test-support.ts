import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll } from "vitest";
import { type AgentAuth, type AgentAuthOptions, createAgentAuth } from "../index.js";

export const tenantId = "7e4a0000-0000-4000-8000-00000000000a";
export const otherTenantId = "7e4a0000-0000-4000-8000-0000000000ff";
export const clientId = "b1000000-0000-4000-8000-00000000000b";

/** A key of an issuer, and what its JWKS says of it. */
export interface IssuerKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK & { issuer?: string };
}

/** Makes a key, published under a `kid`. */
export async function issuerKey(kid: string, options: { bits?: number; issuer?: string } = {}): Promise<IssuerKey> {
  const { bits = 2048, issuer } = options;
  const { publicKey, privateKey } =
    bits >= 2048 ? await generateKeyPair("RS256", { extractable: true, modulusLength: bits }) : await weakKeyPair(bits);
  const { n = "", e = "" } = await exportJWK(publicKey);
  return { privateKey, jwk: { kty: "RSA", use: "sig", kid, n, e, ...(issuer !== undefined && { issuer }) } };
}

/** jose makes no key this short. */
async function weakKeyPair(modulusLength: number) {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/**
 * An issuer under full control of a test, over real HTTP: for tokens that no Entra would sign. What the emulator can
 * sign is tested with the emulator.
 */
export class TestIssuer {
  /** The time for issuer and app, in milliseconds. Moves when a test moves it. */
  now = Date.UTC(2026, 0, 15, 12);
  keys: IssuerKey[] = [];
  /** Answers 500 while true. */
  down = false;
  /** Requests for keys. */
  keyRequests = 0;
  /** Requests of any kind. */
  requests = 0;
  url = "";
  /** Issuer that the v2.0 document states for a tenant; `common` and `organizations` state the template. */
  issuer = (tenant: string) => `${this.url}/${tenant}/v2.0`;
  readonly warnings: string[] = [];
  readonly #server = createServer((request, response) => {
    this.requests += 1;
    const [, tenant = "", ...rest] = (request.url ?? "").split("/");
    const stated = ["common", "organizations"].includes(tenant) ? "{tenantid}" : tenant;
    const path = rest.join("/");
    const documents: Record<string, () => object> = {
      "v2.0/.well-known/openid-configuration": () => ({
        issuer: this.issuer(stated),
        jwks_uri: `${this.url}/${tenant}/keys`,
      }),
      ".well-known/openid-configuration": () => ({
        issuer: `${this.url}/${stated}/`,
        jwks_uri: `${this.url}/${tenant}/keys`,
      }),
      keys: () => {
        this.keyRequests += 1;
        return { keys: this.keys.map(({ jwk }) => jwk) };
      },
    };
    const document = documents[path];
    response.writeHead(this.down ? 500 : document === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(this.down ? {} : (document?.() ?? {})));
  });

  async start(): Promise<void> {
    this.keys = [await issuerKey("key-1")];
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** An app that trusts this issuer. */
  app(overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
    return createAgentAuth({
      instance: this.url,
      tenantId,
      clientId,
      clock: () => this.now,
      logger: { warn: (message: string) => this.warnings.push(message), error: () => {} },
      ...overrides,
    });
  }

  /** Claims of a user's v2.0 token that holds. */
  claims(overrides: Record<string, unknown> = {}): Record<string, unknown> {
    const seconds = Math.floor(this.now / 1000);
    return {
      aud: clientId,
      iss: this.issuer(tenantId),
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
      tid: tenantId,
      oid: "05e40000-0000-4000-8000-00000000000d",
      sub: "subject",
      azp: "c11e0000-0000-4000-8000-00000000000c",
      idtyp: "user",
      scp: "access_as_user",
      ver: "2.0",
      ...overrides,
    };
  }

  /** Signs claims; `undefined` among the overrides removes a claim or a header parameter. */
  sign(
    overrides: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    key: IssuerKey | undefined = this.keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error("the issuer has no key");
    const protectedHeader = { alg: "RS256", typ: "JWT", kid: key.jwk.kid, ...header } as { alg: string };
    return new SignJWT(this.claims(overrides)).setProtectedHeader(protectedHeader).sign(key.privateKey);
  }
}

/** An issuer that lives as long as the suite. */
export function useIssuer(): TestIssuer {
  const issuer = new TestIssuer();
  beforeAll(() => issuer.start());
  afterAll(() => issuer.stop());
  return issuer;
}

/** `Authorization: Bearer …`. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
