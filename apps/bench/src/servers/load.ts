import { connect, type Socket } from "node:net";

/** What {@link loadServer} sends. */
export interface Load {
  readonly port: number;
  /** Request heads, each sent in turn: `GET / HTTP/1.1 …` with its empty line. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  readonly seconds: number;
}

/** What came back. */
export interface Answers {
  readonly count: number;
  readonly perSecond: number;
  /** From the request to the whole of its answer, in milliseconds, for 99 of 100 requests at most. */
  readonly p99: number;
}

const endOfHead = Buffer.from("\r\n\r\n");
const ok = Buffer.from("HTTP/1.1 200 ");

/**
 * Keeps a server busy: each connection sends a request, waits for the answer, sends the next. It does no more than that,
 * because a load generator that is slower than the server measures itself, and it never sleeps: to wake it would be
 * charged to the server's writes, the more the longer the server took. Answers must be 200 and have a content length.
 */
export async function loadServer({ port, requests, connections, seconds }: Load): Promise<Answers> {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let next = 0;
  const latencies: number[] = [];
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
      let pending: Buffer | undefined;
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        socket.write(requests[next++ % requests.length] as Buffer);
      };
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("close", () => resolve());
      socket.on("data", (chunk) => {
        const bytes = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
        const length = answerLength(bytes);
        pending = length === undefined || bytes.byteLength < length ? bytes : undefined;
        if (pending !== undefined) return;
        if (!bytes.subarray(0, ok.byteLength).equals(ok)) {
          socket.destroy(new Error(`the server answered ${bytes.subarray(0, 60).toString("latin1")}`));
          return;
        }
        const now = performance.now();
        latencies.push(now - sentAt);
        if (now < until) send();
        else socket.end();
      });
    });
  let awake = true;
  const stayAwake = () => {
    if (awake) setImmediate(stayAwake);
  };
  stayAwake();
  await Promise.all(Array.from({ length: connections }, run));
  awake = false;
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
  return { count: latencies.length, perSecond: latencies.length / elapsed, p99 };
}

/** Bytes of an answer, head and body, once its head is there. */
function answerLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end === -1) return undefined;
  const match = /\r\ncontent-length: (\d+)/i.exec(bytes.toString("latin1", 0, end));
  if (match === null) throw new Error("the server answered without a content length");
  return end + endOfHead.byteLength + Number(match[1]);
}
