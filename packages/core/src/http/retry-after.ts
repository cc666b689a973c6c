/**
 * `Retry-After` in seconds, from either of its forms.
 * @param now milliseconds since the epoch, for the form that is a date
 * @see RFC 9110 section 10.2.3
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
