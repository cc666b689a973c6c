/** Fetches a JSON object by GET. */
export type JsonFetcher = (url: string) => Promise<Record<string, unknown>>;

/** Longest discovery or key document that is read, in bytes. */
const maxBytes = 1024 * 1024;

/**
 * Builds a fetcher of JSON documents: GET, no redirects, bounded in time and size.
 * @throws Error whose message names the URL and what was wrong with the answer
 */
export function createJsonFetcher(fetchFunction: typeof fetch, timeoutMs: number): JsonFetcher {
  return async (url) => {
    const response = await fetchFunction(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readBounded(response, url);
    if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(`GET ${url} did not answer a JSON object`);
    }
    return value as Record<string, unknown>;
  };
}

async function readBounded(response: Response, url: string): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new RangeError(`GET ${url} answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
