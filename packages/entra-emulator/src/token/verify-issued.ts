import { compactVerify, decodeJwt, type JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import { issuerV1, issuerV2 } from "../context.js";

/** A token that carries this emulator's signature; its lifetime is not looked at. */
export interface IssuedToken {
  readonly claims: JWTPayload;
  readonly tenantId: string;
  readonly version: "1.0" | "2.0";
}

/** What is wrong with a token that was to be one of this emulator's own. */
export type IssuedTokenFlaw = "malformed" | "unknown-key" | "bad-signature" | "wrong-issuer";

/**
 * Checks that this emulator signed a token, and that `iss` and `tid` name the same tenant of the directory.
 * Whether it is in time, and for whom it is, the caller decides: each use answers with an error of its own.
 */
export async function verifyIssued(context: EmulatorContext, token: string): Promise<IssuedToken | IssuedTokenFlaw> {
  const claims = decodeClaims(token);
  if (!claims) return "malformed";
  try {
    const keyOf = (header: { kid?: string }) => {
      const key = header.kid ? context.keys.find(header.kid) : undefined;
      if (!key) throw new UnknownKeyError();
      return key;
    };
    await compactVerify(token, keyOf, { algorithms: ["RS256"] });
  } catch (error) {
    return error instanceof UnknownKeyError ? "unknown-key" : "bad-signature";
  }
  const tenantId = typeof claims.tid === "string" ? claims.tid : "";
  if (!context.directory.tenant(tenantId)) return "wrong-issuer";
  if (claims.iss === issuerV2(context, tenantId)) return { claims, tenantId, version: "2.0" };
  if (claims.iss === issuerV1(context, tenantId)) return { claims, tenantId, version: "1.0" };
  return "wrong-issuer";
}

/** Reads the claims of a JWT without believing them. */
export function decodeClaims(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** Where a token stands in its lifetime. `clockSkew` in seconds. */
export function lifetimeOf(claims: JWTPayload, now: number, clockSkew = 0): "valid" | "expired" | "not-yet-valid" {
  if (claims.exp === undefined || now >= claims.exp + clockSkew) return "expired";
  if (claims.nbf !== undefined && now < claims.nbf - clockSkew) return "not-yet-valid";
  return "valid";
}

class UnknownKeyError extends Error {}
