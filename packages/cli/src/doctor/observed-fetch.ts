/** What came of one request. */
export interface ObservedRequest {
  readonly url: string;
  /** Absent when no answer came. */
  readonly status?: number;
  /** How far the server's clock is ahead of ours, in milliseconds, by the answer's `Date`. */
  readonly clockAheadMs?: number;
  readonly error?: unknown;
}

/** A `fetch` that remembers what became of each request. */
export interface ObservedFetch {
  readonly fetch: typeof fetch;
  readonly requests: readonly ObservedRequest[];
}

/** Watches a `fetch`. */
export function observeFetch(inner: typeof fetch): ObservedFetch {
  const requests: ObservedRequest[] = [];
  const observed: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const sentAt = Date.now();
    try {
      const response = await inner(input, init);
      const date = Date.parse(response.headers.get("date") ?? "");
      // The header has whole seconds, so half a second is the best guess of what it leaves out.
      const ahead = Number.isNaN(date) ? undefined : date + 500 - (sentAt + Date.now()) / 2;
      requests.push({ url, status: response.status, ...(ahead !== undefined && { clockAheadMs: ahead }) });
      return response;
    } catch (error) {
      requests.push({ url, error });
      throw error;
    }
  };
  return { fetch: observed, requests };
}

/** Why a connection failed, in a few words. */
export function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return "it failed";
  const { code } = innermost as { readonly code?: unknown };
  return typeof code === "string" && !innermost.message.includes(code)
    ? `${innermost.message} (${code})`
    : innermost.message;
}
