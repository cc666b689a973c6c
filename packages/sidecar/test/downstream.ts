import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A downstream API that says what it was sent, and answers in odd ways where its path asks for it. */
export interface Downstream {
  readonly url: string;
  readonly count: number;
  close(): Promise<void>;
}

/** Bytes that are no UTF-8. */
export const binaryBytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0x00]);

const answers: Record<string, (response: ServerResponse, url: string) => void> = {
  "/binary": (response) => response.writeHead(200, { "content-type": "image/png" }).end(binaryBytes),
  "/latin": (response) =>
    response.writeHead(200, { "content-type": "text/plain; charset=iso-8859-1" }).end(Buffer.from([0xe9, 0x74, 0xe9])),
  "/gzip": (response) =>
    response
      .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
      .end(gzipSync('{"zipped":true}')),
  "/empty": (response) => response.writeHead(204).end(),
  "/cookies": (response) => response.writeHead(200, { "set-cookie": ["a=1", "b=2"], "x-one": "1" }).end("ok"),
  "/large": (response) => response.writeHead(200, { "content-type": "text/plain" }).end("x".repeat(5_000)),
  "/missing": (response) => response.writeHead(404, { "content-type": "application/json" }).end('{"error":"gone"}'),
  "/moved": (response, url) => response.writeHead(302, { location: `${url}/echo` }).end(),
};

/** Starts it on a free port. */
export async function startDownstream(): Promise<Downstream> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const path = (request.url ?? "").split("?")[0] ?? "";
    const answer = answers[path];
    if (answer !== undefined) return answer(response, url);
    void echo(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
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

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers } = request;
  const body = Buffer.concat(chunks).toString("utf8");
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ method, url, headers, body }));
}
