import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

export const tenantId = "7e4a0000-0000-4000-8000-00000000000a";
export const clientId = "b1000000-0000-4000-8000-00000000000b";
export const instance = "http://127.0.0.1:1/";
export const issuer = `${instance}${tenantId}/v2.0`;

/** A key with its JWKS, and tokens like Entra's signed with it. */
export interface TokenSource {
  readonly publicKeyPem: string;
  readonly jwks: { readonly keys: (Record<string, unknown> & { readonly kty: string })[] };
  /** Tokens of about 1.5 kB, each another one. */
  make(count: number): Promise<string[]>;
  /** Stands in for the discovery and key endpoints, so that no server takes part in what is measured. */
  readonly fetch: typeof fetch;
}

const signAsync = promisify<string, Buffer, KeyObject, Buffer>(sign);

/** Makes a source of tokens. */
export function createTokenSource(): TokenSource {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kty: "RSA", kid: "bench", use: "sig", alg: "RS256" };
  const header = encode({ alg: "RS256", typ: "JWT", kid: "bench" });
  let made = 0;
  const makeOne = async () => {
    const text = `${header}.${encode(claimsOf(made++))}`;
    return `${text}.${(await signAsync("sha256", Buffer.from(text), privateKey)).toString("base64url")}`;
  };
  const answer = (url: string) =>
    url.endsWith("/openid-configuration") ? { issuer, jwks_uri: `${instance}keys` } : { keys: [jwk] };
  return {
    publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
    jwks: { keys: [jwk] },
    make: async (count) => {
      const tokens: string[] = [];
      while (tokens.length < count) {
        const batch = Math.min(1_000, count - tokens.length);
        tokens.push(...(await Promise.all(Array.from({ length: batch }, makeOne))));
      }
      return tokens;
    },
    fetch: async (url) => Response.json(answer(String(url))),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function claimsOf(number: number): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const serial = number.toString(16).padStart(12, "0");
  return {
    aud: clientId,
    iss: issuer,
    iat: now,
    nbf: now,
    exp: now + 36_000,
    aio: `AXQAi/8XAAAA${serial}`.padEnd(180, "q"),
    azp: "c11e0000-0000-4000-8000-00000000000c",
    azpacr: "1",
    idtyp: "user",
    name: "Adele Vance",
    oid: `05e40000-0000-4000-8000-${serial}`,
    preferred_username: "adele@contoso.example",
    rh: "1.AXwA".padEnd(120, "r"),
    scp: "access_as_user Tasks.Read",
    sid: `51d00000-0000-4000-8000-${serial}`,
    sub: `subject-${serial}`.padEnd(43, "s"),
    tid: tenantId,
    uti: `uti-${serial}`,
    ver: "2.0",
    wids: Array.from({ length: 3 }, (_, index) => `3ac00000-0000-4000-8000-${index}${serial.slice(1)}`),
    xms_ftd: "f".repeat(60),
    xms_idrel: "1 26",
  };
}
