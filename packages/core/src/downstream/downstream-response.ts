import { AgentAuthError } from "../errors/agent-auth-error.js";

/** A downstream answer on its way: a promise of the `Response` whose readers throw when the status is not 2xx. */
export interface DownstreamResponse extends Promise<Response> {
  /** The body as JSON. @throws DownstreamError when the status is not 2xx */
  json<T = unknown>(): Promise<T>;
  /** The body as text. @throws DownstreamError when the status is not 2xx */
  text(): Promise<string>;
  /** @throws DownstreamError when the status is not 2xx */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** @throws DownstreamError when the status is not 2xx */
  blob(): Promise<Blob>;
}

/** The downstream API answered with a status that is not 2xx. */
export class DownstreamError extends AgentAuthError {
  override readonly name = "DownstreamError";
  readonly service: string;
  /** Status of the downstream answer; `status` is that of our own. */
  readonly downstreamStatus: number;
  readonly downstreamHeaders: Headers;
  /** The first 8 KiB of the body. For the log; not shown to clients. */
  readonly downstreamBody: string;
  /** The downstream's own id of the request, where it gave one. */
  readonly requestId: string | undefined;

  constructor(service: string, response: Response, body: string) {
    super("downstream_failed", {
      detail: `${service} answered HTTP ${response.status}.`,
      extensions: { service, downstreamStatus: response.status },
    });
    this.service = service;
    this.downstreamStatus = response.status;
    this.downstreamHeaders = response.headers;
    this.downstreamBody = body;
    this.requestId = response.headers.get("request-id") ?? response.headers.get("x-ms-request-id") ?? undefined;
  }
}

/** Gives a promise of a response the readers of {@link DownstreamResponse}. */
export function downstreamResponse(service: string, response: Promise<Response>): DownstreamResponse {
  const succeeded = async () => {
    const settled = await response;
    if (!settled.ok) throw new DownstreamError(service, settled, await firstBytes(settled, 8 * 1024));
    return settled;
  };
  return Object.assign(response, {
    json: async <T>() => (await (await succeeded()).json()) as T,
    text: async () => (await succeeded()).text(),
    arrayBuffer: async () => (await succeeded()).arrayBuffer(),
    blob: async () => (await succeeded()).blob(),
  });
}

async function firstBytes(response: Response, limit: number): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString("utf8");
}
