/** Header and claims of a JWT, for people to read; nothing is verified. `undefined` when it is no JWT. */
export function decodeJwt(token: string): { header: object; claims: Record<string, unknown> } | undefined {
  const [header, payload] = token.split(".");
  try {
    return { header: part(header), claims: part(payload) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

function part(text: string | undefined): object {
  const value: unknown = JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8"));
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return value;
}
