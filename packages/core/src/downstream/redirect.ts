import type { PreparedRequest } from "./downstream-request.js";

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Redirects that are followed in one call, at most. */
export const maxRedirects = 5;

/**
 * The request that a redirect asks for, when it may be followed: same origin, and nothing that it would repeat changes
 * anything. Otherwise `undefined`: the answer is the caller's to judge.
 */
export function redirected(request: PreparedRequest, response: Response): PreparedRequest | undefined {
  const location = response.headers.get("location");
  if (!redirectStatuses.has(response.status) || location === null) return undefined;
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (!URL.canParse(location, request.url)) return undefined;
  const url = new URL(location, request.url);
  if (url.origin !== new URL(request.url).origin || url.username !== "" || url.password !== "") return undefined;
  return { ...request, url: url.href };
}
