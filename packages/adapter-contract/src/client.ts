import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";

/** What {@link send} sends besides the path. */
export interface SendOptions {
  /** Default `GET`. */
  readonly method?: string;
  /** A list as a value is sent as that many headers. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** Aborting it drops the connection, as a client does that goes away. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

/** Sends one request on a connection of its own: what `fetch` cannot, such as two headers of one name. */
export function send(url: string, options: SendOptions = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, signal } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false, ...(signal && { signal }) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: () => JSON.parse(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
