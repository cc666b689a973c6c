import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { median } from "../measure.js";
import { loadServer } from "./load.js";

/** What V8's compiler and collector make of the same code differs by a tenth from one process to the next. */
const processesEach = 7;
const rounds = 10;
const secondsEach = 0.3;
const warmUpSeconds = 2;

/** A kind of server: how a process of its own is started. */
export interface ServerKind {
  readonly name: string;
  /** Module that takes the name as its argument, tells its port, and answers messages with its CPU time. */
  readonly script: URL;
  readonly env: Readonly<Record<string, string>>;
}

/** Request heads that are sent in turn, by 64 connections. */
export interface RequestMix {
  readonly name: string;
  readonly requests: readonly Buffer[];
}

/** What a server made of a load. */
export interface Sample {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** CPU time of the server's process for one request, in microseconds: what is left when others use the machine. */
  readonly cpuMicros: number;
}

export type Figure = keyof Sample;

/** A server that runs. */
export interface RunningServer {
  readonly name: string;
  readonly port: number;
  stop(): void;
  /** CPU time of its process so far, in microseconds. */
  cpuMicros(): Promise<number>;
}

/** One sample of each kind of server under each mix, one right after the other; found by both names. */
type Turn = ReadonlyMap<string, Sample>;

/** What came of taking turns. The middle is the median over processes of the median over their turns. */
export class Turns {
  readonly #byProcess: (readonly Turn[])[] = [];

  /**
   * Takes turns with one more process of each kind. No more of them than are compared stand beside each other: the
   * system may take the memory of those that wait for long.
   */
  async add(kinds: readonly ServerKind[], mixes: readonly RequestMix[]): Promise<void> {
    const servers: RunningServer[] = [];
    const turns: Turn[] = [];
    try {
      for (const kind of kinds) {
        const server = await startServer(kind);
        servers.push(server);
        // At once: a process that stood idle before its first load is left, by chance, with a process.nextTick that Node
        // 20's compiler got wrong, which costs Fastify with any hook a seventh of its throughput.
        for (const mix of mixes) await sampleOf(server, mix, warmUpSeconds);
      }
      for (let round = 0; round < rounds; round += 1) {
        const turn = new Map<string, Sample>();
        for (const mix of mixes) {
          for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
            turn.set(keyOf(server.name, mix.name), await sampleOf(server, mix, secondsEach));
          }
        }
        turns.push(turn);
      }
    } finally {
      for (const server of servers) server.stop();
    }
    this.#byProcess.push(turns);
  }

  /** The middle of a figure. */
  middle(server: string, mix: string, figure: Figure): number {
    return this.#middle((turn) => figureOf(turn, server, mix, figure));
  }

  /** The middle of a ratio, which is taken within a turn: the machine is faster in one minute than in the next. */
  ratio(server: string, to: string, mix: string, figure: Figure): number {
    return this.#middle((turn) => figureOf(turn, server, mix, figure) / figureOf(turn, to, mix, figure));
  }

  #middle(value: (turn: Turn) => number): number {
    return median(this.#byProcess.map((turns) => median(turns.map(value))));
  }
}

/** Takes turns with each group of kinds, as many processes of each as it takes; one group after the other, again and again. */
export async function takeTurns(
  groups: readonly (readonly ServerKind[])[],
  mixes: readonly RequestMix[],
): Promise<readonly Turns[]> {
  const turns = groups.map(() => new Turns());
  for (let count = 0; count < processesEach; count += 1) {
    for (const [index, kinds] of groups.entries()) await turns[index]?.add(kinds, mixes);
  }
  return turns;
}

/** Starts a server in a process of its own. */
export async function startServer({ name, script, env }: ServerKind): Promise<RunningServer> {
  const child: ChildProcess = fork(script, [name], {
    env: { ...process.env, ...env },
    // A log is written, as in production, and not read.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the server ${name} ended with ${code} before it listened`);
  });
  const [{ port }] = (await Promise.race([once(child, "message"), ended])) as [{ port: number }];
  return {
    name,
    port,
    stop: () => child.disconnect(),
    cpuMicros: async () => {
      const answer = once(child, "message");
      child.send("cpu");
      const [{ cpu }] = (await answer) as [{ cpu: NodeJS.CpuUsage }];
      return cpu.user + cpu.system;
    },
  };
}

async function sampleOf(server: RunningServer, { requests }: RequestMix, seconds: number): Promise<Sample> {
  const before = await server.cpuMicros();
  const { count, perSecond, p99 } = await loadServer({ port: server.port, requests, connections: 64, seconds });
  return { requestsPerSecond: perSecond, p99, cpuMicros: ((await server.cpuMicros()) - before) / count };
}

function figureOf(turn: Turn, server: string, mix: string, figure: Figure): number {
  return turn.get(keyOf(server, mix))?.[figure] ?? Number.NaN;
}

function keyOf(server: string, mix: string): string {
  return `${server} ${mix}`;
}
