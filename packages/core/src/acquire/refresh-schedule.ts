import type { CachedToken } from "./cache/cached-token.js";
import type { IssuedToken } from "./wire/issued-token.js";

/** Where Entra names no `refresh_in`, a token is renewed from this part of its life on. */
const refreshAtPartOfLife = 0.8;
/** Part of the life by which renewals are spread to earlier times, so that tokens of one minute do not all end at once. */
const jitterPartOfLife = 0.1;
/** Waits between failed background refreshes, in seconds: the first, and the longest. */
const firstBackoffSeconds = 30;
const longestBackoffSeconds = 300;
/** A token this close to its end is not handed out without an attempt to renew it: it would expire on its way. */
const expiryMarginSeconds = 60;

/** Whether a token can be handed out as it is. @param now milliseconds since the epoch */
export function isFresh(token: CachedToken, now: number): boolean {
  return token.expiresAt - expiryMarginSeconds > now / 1000;
}

/** Whether a token still works, if only just. @param now milliseconds since the epoch */
export function isAlive(token: CachedToken, now: number): boolean {
  return token.expiresAt - 1 > now / 1000;
}

/** The token as it is cached, with the time of its renewal. @param now milliseconds since the epoch */
export function scheduled(issued: IssuedToken, now: number, random: () => number = Math.random): CachedToken {
  const lifeMs = issued.expiresAtMs - now;
  const dueMs = issued.refreshAtMs ?? now + lifeMs * refreshAtPartOfLife;
  const refreshMs = dueMs - Math.min(lifeMs * jitterPartOfLife, dueMs - now) * random();
  return {
    authorizationHeader: issued.authorizationHeader,
    // Whole seconds, so that they are small integers and cost the cache no boxed number.
    expiresAt: Math.floor(issued.expiresAtMs / 1000),
    refreshAt: Math.floor(refreshMs / 1000),
    scopes: issued.scopes,
  };
}

/**
 * Seconds until a background refresh that failed is tried again.
 * @param failures how many failed in a row, 1 or more
 */
export function refreshBackoffSeconds(failures: number, retryAfterSeconds: number | undefined): number {
  const backoff = Math.min(firstBackoffSeconds * 2 ** (failures - 1), longestBackoffSeconds);
  return Math.max(backoff, Math.ceil(retryAfterSeconds ?? 0));
}
