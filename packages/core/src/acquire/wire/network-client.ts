import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import { isTransientStatus, retryWaitMs, wait } from "../../http/retry.js";
import { parseRetryAfter } from "../../http/retry-after.js";

/** What an endpoint answered, before msal-node makes of it what it will. */
export interface RawTokenResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The endpoint answered something that is no JSON object. */
export class UnreadableResponse extends Error {
  override readonly name = "UnreadableResponse";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, headers: Readonly<Record<string, string>>, cause?: unknown) {
    super(`the endpoint answered HTTP ${status} with a body that is no JSON object`, { cause });
    this.status = status;
    this.headers = headers;
  }
}

/** How requests are sent. */
export interface NetworkClientOptions {
  readonly fetch: typeof fetch;
  /** Milliseconds for all tries together. */
  readonly budgetMs: number;
  /** Tries after the first, for failures that may pass. */
  readonly maxRetries: number;
  /** Origin (`https://127.0.0.1:4000`) that is reached over plain http. */
  readonly plainHttpOrigin?: string | undefined;
  /** Added to every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Longest token response that is read, in bytes. */
const maxBodyBytes = 1024 * 1024;

/**
 * msal-node's network client for one token request. It brings the budget and the retries that msal-node lacks, keeps
 * the raw answer or failure, because msal-node's errors lack headers and status, and undoes the https that msal-node
 * insists on for a loopback instance.
 */
export class NetworkClient implements INetworkModule {
  response: RawTokenResponse | undefined;
  failure: unknown;
  /** How many requests were sent. */
  tries = 0;
  readonly #options: NetworkClientOptions;

  constructor(options: NetworkClientOptions) {
    this.#options = options;
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>("GET", url, options);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>("POST", url, options);
  }

  async #send<T>(method: string, url: string, options: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> {
    try {
      this.response = await this.#withRetries(method, this.#wireUrl(url), options);
      const { status, headers, body } = this.response;
      // Entra's Retry-After is honoured by us, per leg; msal-node would hold it against every caller of the app.
      const { "retry-after": _, ...msalHeaders } = headers;
      return { status, headers: msalHeaders, body: body as T };
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  async #withRetries(method: string, url: string, options: NetworkRequestOptions): Promise<RawTokenResponse> {
    const { budgetMs, maxRetries } = this.#options;
    const deadline = performance.now() + budgetMs;
    const signal = AbortSignal.timeout(Math.max(0, Math.round(budgetMs)));
    for (;;) {
      this.tries++;
      const outcome = await this.#attempt(method, url, { ...options, signal });
      const retryAfterSeconds =
        "headers" in outcome ? parseRetryAfter(outcome.headers["retry-after"], Date.now()) : undefined;
      const transient = "status" in outcome ? isTransientStatus(outcome.status) : !signal.aborted;
      const waitMs = transient
        ? retryWaitMs({
            tries: this.tries,
            maxRetries,
            retryAfterSeconds,
            remainingMs: deadline - performance.now(),
          })
        : undefined;
      if (waitMs === undefined) {
        if (outcome instanceof Error) throw outcome;
        return outcome;
      }
      await wait(waitMs);
    }
  }

  /** One try. A failure is returned, so that the loop decides about it as about an answer. */
  async #attempt(
    method: string,
    url: string,
    options: NetworkRequestOptions & { readonly signal: AbortSignal },
  ): Promise<RawTokenResponse | UnreadableResponse | Error> {
    try {
      const response = await this.#options.fetch(url, {
        method,
        headers: { ...options.headers, ...this.#options.headers },
        body: options.body ?? null,
        redirect: "manual",
        signal: options.signal,
      });
      const headers = Object.fromEntries(response.headers);
      return readObject(await readText(response), response.status, headers);
    } catch (error) {
      return error instanceof Error ? error : new Error("the request failed", { cause: error });
    }
  }

  #wireUrl(url: string): string {
    const origin = this.#options.plainHttpOrigin;
    return origin !== undefined && url.startsWith(`${origin}/`) ? `http${url.slice("https".length)}` : url;
  }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  // An answer that says how long it is needs no counting, which costs more than the whole exchange.
  if (Number(response.headers.get("content-length") ?? Number.NaN) <= maxBodyBytes) return response.text();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readObject(
  text: string,
  status: number,
  headers: Record<string, string>,
): RawTokenResponse | UnreadableResponse {
  if (!/^application\/(\S+\+)?json\b/i.test(headers["content-type"] ?? "")) {
    return new UnreadableResponse(status, headers);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { status, headers, body: value as Record<string, unknown> };
    }
  } catch {
    // JSON.parse quotes what it could not read, which may be a token: the error does not repeat it.
  }
  return new UnreadableResponse(status, headers);
}
