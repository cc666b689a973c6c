import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Bytes of each of the {@link streamedChunks} chunks that `/stream` sends. */
const chunkBytes = 64 * 1024;
/** Chunks that `/stream` sends. */
export const streamedChunks = 16;
/** Bytes that `/stream` sends in all. */
export const streamedBytes = chunkBytes * streamedChunks;

/** A downstream API that does what a good one does not. */
export interface DownstreamServer {
  readonly url: string;
  /**
   * Emits `waiting` when a request to `/held` arrives, and `aborted` when its connection is gone before it was answered;
   * it is answered when `release` is emitted.
   */
  readonly events: EventEmitter;
  /** Requests so far. */
  readonly count: number;
  close(): Promise<void>;
}

/** Starts it on a free port: `/fails` answers 503, `/held` waits for `release`, `/stream` sends
 * a mebibyte in chunks, `/endless` never stops sending. */
export async function startDownstream(): Promise<DownstreamServer> {
  const events = new EventEmitter();
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    if (request.url?.startsWith("/fails")) {
      response.writeHead(503, { "content-type": "text/plain" }).end("down for repairs");
    } else if (request.url?.startsWith("/stream")) {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      let sent = 0;
      const more = () => {
        if (sent === streamedChunks) return response.end();
        sent += 1;
        response.write(Buffer.alloc(chunkBytes, sent), () => setImmediate(more));
      };
      more();
    } else if (request.url?.startsWith("/endless")) {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      const timer = setInterval(() => response.write(Buffer.alloc(1024)), 5);
      response.on("close", () => {
        clearInterval(timer);
        events.emit("aborted");
      });
    } else {
      const release = () => response.writeHead(200, { "content-type": "application/json" }).end('{"released":true}');
      events.once("release", release);
      response.on("close", () => {
        events.off("release", release);
        if (!response.writableFinished) events.emit("aborted");
      });
      events.emit("waiting");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    get count() {
      return count;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
