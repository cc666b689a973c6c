import { randomBytes } from "node:crypto";
import { createTokenSource, type TokenSource } from "../tokens.js";

/** A token endpoint in this process, so that no network takes part in what is measured. */
export interface LocalEntra extends TokenSource {
  /** POSTs that came. */
  readonly posts: () => number;
}

/** Characters of an access token. */
export const tokenLength = 1_500;

/** Makes one: every POST gets another token of 1.5 kB, good for an hour. */
export function createLocalEntra(): LocalEntra {
  const source = createTokenSource();
  const filler = randomBytes(tokenLength).toString("base64url").slice(0, tokenLength);
  let posts = 0;
  const local: typeof fetch = async (url, init) => {
    if (init?.method !== "POST") return source.fetch(url, init);
    const serial = String(++posts).padStart(12, "0");
    const body = JSON.stringify({
      token_type: "Bearer",
      scope: "User.Read Mail.Read",
      expires_in: 3600,
      ext_expires_in: 3600,
      access_token: `${serial}.${filler}`.slice(0, tokenLength),
    });
    return new Response(body, {
      headers: { "content-type": "application/json", "content-length": String(body.length) },
    });
  };
  return { ...source, fetch: local, posts: () => posts };
}
