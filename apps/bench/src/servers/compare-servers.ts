import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { startEmulator } from "@agent-auth/entra-emulator";
import { median, type Row } from "../measure.js";
import { loadServer } from "./load.js";

/** A framework: its bare server, the one with agent-auth, and the one with what else there is. */
interface Comparison {
  readonly framework: string;
  readonly bare: string;
  readonly ours: string;
  readonly other: string;
  readonly otherName: string;
  /** Least throughput wanted, of the bare server's and of the other's. */
  readonly least: { readonly ofBare: number; readonly ofOther: number };
}

const comparisons: readonly Comparison[] = [
  {
    framework: "Express",
    bare: "express-bare",
    ours: "express-agent-auth",
    other: "express-oauth2-jwt-bearer",
    otherName: "express-oauth2-jwt-bearer",
    least: { ofBare: 0.9, ofOther: 1.5 },
  },
  {
    framework: "Fastify",
    bare: "fastify-bare",
    ours: "fastify-agent-auth",
    other: "fastify-jwt",
    otherName: "@fastify/jwt with get-jwks",
    least: { ofBare: 0.85, ofOther: 4 },
  },
];

/** What V8's compiler and collector make of the same code differs by a tenth from one process to the next. */
const processesEach = 7;
const rounds = 10;
const secondsEach = 0.3;
const warmUpSeconds = 2;

/** What a server made of its load. */
interface Sample {
  readonly requestsPerSecond: number;
  /** CPU time of the server's process for one request, in microseconds: what is left when others use the machine. */
  readonly cpuMicros: number;
}

/** One sample of each kind of server, one right after the other. */
type Turn = ReadonlyMap<string, Sample>;

type Server = Awaited<ReturnType<typeof startServer>>;

/** Throughput and CPU time of each kind of server, each in processes of its own, loaded in turn. */
export async function compareServers(): Promise<Row[]> {
  const emulator = await startEmulator();
  try {
    const tokens = await Promise.all(Array.from({ length: 512 }, () => emulator.mint("user")));
    const requests = tokens.map((token) =>
      Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`),
    );
    const turns = new Map<Comparison, (readonly Turn[])[]>(comparisons.map((comparison) => [comparison, []]));
    for (let count = 0; count < processesEach; count += 1) {
      for (const [{ bare, ours, other }, taken] of turns) {
        taken.push(await takeTurns([bare, ours, other], requests, emulator.env));
      }
    }
    return [...turns].flatMap(([comparison, taken]) => rowsOf(comparison, taken));
  } finally {
    await emulator.close();
  }
}

/**
 * Starts a server of each kind, and loads one after the other, round after round. No more servers than are compared stand
 * beside each other: the system may take the memory of those that wait for long.
 */
async function takeTurns(
  kinds: readonly string[],
  requests: readonly Buffer[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Turn[]> {
  const servers: Server[] = [];
  const turns: Turn[] = [];
  try {
    for (const kind of kinds) {
      const server = await startServer(kind, env);
      servers.push(server);
      // At once: a process that stood idle before its first load is left, by chance, with a process.nextTick that Node
      // 20's compiler got wrong, which costs Fastify with any hook a seventh of its throughput.
      await load(server, requests, warmUpSeconds);
    }
    for (let round = 0; round < rounds; round += 1) {
      const turn = new Map<string, Sample>();
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        turn.set(server.kind, await load(server, requests, secondsEach));
      }
      turns.push(turn);
    }
  } finally {
    for (const { child } of servers) child.disconnect();
  }
  return turns;
}

/** Ratios are taken within a turn, because the machine is faster in one minute than in the next. */
function rowsOf(comparison: Comparison, turns: readonly (readonly Turn[])[]): readonly Row[] {
  const { framework, bare, ours, other, otherName, least } = comparison;
  const middle = (figure: (turn: Turn) => number) =>
    median(turns.map((ofProcesses) => median(ofProcesses.map(figure))));
  const of = (turn: Turn, kind: string, figure: keyof Sample) => turn.get(kind)?.[figure] ?? Number.NaN;
  const noteOf = (kind: string) => {
    const perSecond = middle((turn) => of(turn, kind, "requestsPerSecond"));
    const micros = middle((turn) => of(turn, kind, "cpuMicros"));
    return `${perSecond.toFixed(0)}/s, ${micros.toFixed(0)} µs CPU`;
  };
  const row = (what: string, kind: string, to: string, wanted?: number): Row => ({
    what,
    value: middle((turn) => of(turn, kind, "requestsPerSecond") / of(turn, to, "requestsPerSecond")),
    ...(wanted !== undefined && { bound: { least: wanted } }),
    note: `${noteOf(kind)} and ${noteOf(to)}`,
  });
  return [
    row(`${framework} with agent-auth, of the bare server`, ours, bare, least.ofBare),
    row(`${framework} with agent-auth, of ${otherName}`, ours, other, least.ofOther),
    row(`${framework} with ${otherName}, of the bare server`, other, bare),
  ];
}

async function startServer(kind: string, env: Readonly<Record<string, string>>) {
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
