import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { startEmulator } from "@agent-auth/entra-emulator";
import { median, type Row } from "../measure.js";
import { loadServer } from "./load.js";

const kinds = [
  "express-bare",
  "express-agent-auth",
  "express-oauth2-jwt-bearer",
  "fastify-bare",
  "fastify-agent-auth",
  "fastify-jwt",
] as const;
type Kind = (typeof kinds)[number];

/** What the compiler makes of the same code differs from one process to the next. */
const processesEach = 3;
const rounds = 16;
const secondsEach = 0.3;
const warmUpSeconds = 2;

/** What a server made of its load. */
interface Sample {
  readonly requestsPerSecond: number;
  /** CPU time of the server's process for one request, in microseconds: what is left when others use the machine. */
  readonly cpuMicros: number;
}

/** One sample of each kind of server, one right after the other. */
type Turn = Map<Kind, Sample>;

type Server = Awaited<ReturnType<typeof startServer>>;

/** Throughput and CPU time of each kind of server, each in processes of its own, loaded in turn. */
export async function compareServers(): Promise<Row[]> {
  const emulator = await startEmulator();
  const tokens = await Promise.all(Array.from({ length: 512 }, () => emulator.mint("user")));
  const requests = tokens.map((token) =>
    Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  );
  const sets: Server[][] = [];
  for (let index = 0; index < processesEach; index += 1) {
    const set: Server[] = [];
    sets.push(set);
    for (const kind of kinds) {
      const server = await startServer(kind, emulator.env);
      set.push(server);
      // At once: a process that stood idle before its first load is left, by chance, with a process.nextTick that Node
      // 20's compiler got wrong, which costs Fastify with any hook a seventh of its throughput.
      await load(server, requests, warmUpSeconds);
    }
  }
  const turns: Turn[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const set of sets) {
        const turn: Turn = new Map();
        for (const server of round % 2 === 0 ? set : set.toReversed()) {
          turn.set(server.kind, await load(server, requests, secondsEach));
        }
        turns.push(turn);
      }
    }
  } finally {
    for (const { child } of sets.flat()) child.disconnect();
    await emulator.close();
  }
  const of = (turn: Turn, kind: Kind, figure: keyof Sample) => turn.get(kind)?.[figure] ?? Number.NaN;
  // Within a turn, because the machine is faster in one minute than in the next.
  const row = (what: string, kind: Kind, other: Kind, least?: number): Row => ({
    what,
    value: median(turns.map((turn) => of(turn, kind, "requestsPerSecond") / of(turn, other, "requestsPerSecond"))),
    ...(least !== undefined && { bound: { least } }),
    note: [kind, other]
      .map((name) => {
        const middle = (figure: keyof Sample) => median(turns.map((turn) => of(turn, name, figure))).toFixed(0);
        return `${middle("requestsPerSecond")}/s, ${middle("cpuMicros")} µs CPU`;
      })
      .join(" and "),
  });
  return [
    row("Express with agent-auth, of the bare server", "express-agent-auth", "express-bare", 0.9),
    row(
      "Express with agent-auth, of express-oauth2-jwt-bearer",
      "express-agent-auth",
      "express-oauth2-jwt-bearer",
      1.5,
    ),
    row("Express with express-oauth2-jwt-bearer, of the bare server", "express-oauth2-jwt-bearer", "express-bare"),
    row("Fastify with agent-auth, of the bare server", "fastify-agent-auth", "fastify-bare", 0.85),
    row("Fastify with agent-auth, of @fastify/jwt with get-jwks", "fastify-agent-auth", "fastify-jwt", 4),
    row("Fastify with @fastify/jwt and get-jwks, of the bare server", "fastify-jwt", "fastify-bare"),
  ];
}

async function startServer(kind: Kind, env: Readonly<Record<string, string>>) {
  const child: ChildProcess = fork(new URL("./server.js", import.meta.url), [kind], {
    env: { ...process.env, ...env },
  });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { kind, port, child };
}

async function cpuMicrosOf({ child }: Server): Promise<number> {
  const answer = once(child, "message");
  child.send("cpu");
  const [{ cpu }] = (await answer) as [{ cpu: NodeJS.CpuUsage }];
  return cpu.user + cpu.system;
}

async function load(server: Server, requests: readonly Buffer[], seconds: number): Promise<Sample> {
  const before = await cpuMicrosOf(server);
  const { count, perSecond } = await loadServer({ port: server.port, requests, connections: 64, seconds });
  return { requestsPerSecond: perSecond, cpuMicros: ((await cpuMicrosOf(server)) - before) / count };
}
