/** Longest claims request that is passed on, in characters. */
const longestClaims = 8 * 1024;

/**
 * The claims (JSON) that a downstream API wants of the next token, from its 401; `undefined` when it wants none, or what
 * it wants is not readable.
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function claimsOf(response: Response): string | undefined {
  if (response.status !== 401) return undefined;
  const challenge = response.headers.get("www-authenticate");
  if (challenge === null || !/\berror="?insufficient_claims\b/i.test(challenge)) return undefined;
  const encoded = /\bclaims="([A-Za-z0-9+/_=-]+)"/i.exec(challenge)?.[1];
  if (encoded === undefined || encoded.length > longestClaims) return undefined;
  // Buffer reads both base64 alphabets.
  const claims = Buffer.from(encoded, "base64").toString("utf8");
  try {
    const value: unknown = JSON.parse(claims);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? claims : undefined;
  } catch {
    return undefined;
  }
}
