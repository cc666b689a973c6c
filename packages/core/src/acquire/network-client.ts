import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";

/** What the token endpoint answered, before msal-node makes of it what it will. */
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

  constructor(status: number, headers: Readonly<Record<string, string>>, cause: unknown) {
    super(`the token endpoint answered HTTP ${status} with a body that is no JSON object`, { cause });
    this.status = status;
    this.headers = headers;
  }
}

/** Longest token response that is read, in characters. */
const maxBodyLength = 1024 * 1024;

/**
 * msal-node's network client for one token request. It keeps the raw answer or failure, because msal-node's errors
 * lack headers and status, and it undoes the https that msal-node insists on for a loopback instance.
 */
export class NetworkClient implements INetworkModule {
  response: RawTokenResponse | undefined;
  failure: unknown;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #plainHttpOrigin: string | undefined;

  /** @param init.plainHttpOrigin origin (`https://127.0.0.1:4000`) that is reached over plain http */
  constructor(init: {
    readonly fetch: typeof fetch;
    readonly timeoutMs: number;
    readonly plainHttpOrigin: string | undefined;
  }) {
    this.#fetch = init.fetch;
    this.#timeoutMs = init.timeoutMs;
    this.#plainHttpOrigin = init.plainHttpOrigin;
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>("GET", url, options);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>("POST", url, options);
  }

  async #send<T>(method: string, url: string, options: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> {
    try {
      const response = await this.#fetch(this.#wireUrl(url), {
        method,
        headers: options.headers ?? {},
        body: options.body ?? null,
        redirect: "error",
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      const headers = Object.fromEntries(response.headers);
      const body = parseObject(await response.text(), response.status, headers);
      this.response = { status: response.status, headers, body };
      // Entra's Retry-After is honoured by us, per leg; msal-node would hold it against every caller of the app.
      const { "retry-after": _, ...msalHeaders } = headers;
      return { status: response.status, headers: msalHeaders, body: body as T };
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  #wireUrl(url: string): string {
    const origin = this.#plainHttpOrigin;
    return origin !== undefined && url.startsWith(`${origin}/`) ? `http${url.slice("https".length)}` : url;
  }
}

function parseObject(text: string, status: number, headers: Record<string, string>): Record<string, unknown> {
  try {
    const value: unknown = text.length > maxBodyLength ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new UnreadableResponse(status, headers, error);
  }
  throw new UnreadableResponse(status, headers, undefined);
}
