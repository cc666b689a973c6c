import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { interleave, median, printTable, type Row } from "./measure.js";
import { loadServer } from "./servers/load.js";

const paths = ["/AuthorizationHeader/Graph", "/Validate"] as const;
type Path = (typeof paths)[number];
const kinds = ["sidecar", "bare"] as const;
type Kind = (typeof kinds)[number];

/** What the compiler makes of the same code differs from one process to the next. */
const processesEach = 3;
const rounds = 9;
const secondsEach = 0.5;
const warmUpSeconds = 2;

interface Server {
  readonly kind: Kind;
  readonly url: string;
  readonly child: ChildProcess;
}

/** What a server made of its load. */
interface Sample {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** CPU time of the server's process for one request, in microseconds. */
  readonly cpuMicros: number;
}

/** `pnpm bench sidecar`: the sidecar beside a bare Fastify route with the same payload, and the price of the hop. */
export async function sidecar(): Promise<void> {
  const emulator = await startEmulator();
  const token = await emulator.mint("user");
  const authorization = `Bearer ${token}`;
  const first = await startServer("sidecar", emulator.env);
  const payloads: Record<string, unknown> = {};
  for (const path of paths)
    payloads[path] = await (await fetch(`${first.url}${path}`, { headers: { authorization } })).json();
  const servers: Server[] = [];
  const env = { sidecar: emulator.env, bare: { PAYLOADS: JSON.stringify(payloads) } };
  for (const kind of Array.from({ length: processesEach }, () => kinds).flat()) {
    const server = servers.length === 0 ? first : await startServer(kind, env[kind]);
    servers.push(server);
    // At once, for the reason that servers/compare-servers.ts gives.
    for (const path of paths) await load(server, { path, authorization, seconds: warmUpSeconds });
  }
  const samples = new Map<string, Sample[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        for (const path of paths) {
          const sample = await load(server, { path, authorization, seconds: secondsEach });
          samples.set(server.kind + path, [...(samples.get(server.kind + path) ?? []), sample]);
        }
      }
    }
    const of = (kind: Kind, path: Path, figure: keyof Sample) =>
      median((samples.get(kind + path) ?? []).map((sample) => sample[figure]));
    printTable("The sidecar, 64 connections, beside a bare Fastify route with the same payload", [
      ...paths.flatMap((path) => rowsOf(path, of)),
      await priceOfTheHop(emulator, authorization, of("sidecar", "/AuthorizationHeader/Graph", "cpuMicros")),
    ]);
  } finally {
    for (const { child } of servers) child.disconnect();
    await emulator.close();
  }
}

function rowsOf(path: Path, of: (kind: Kind, path: Path, figure: keyof Sample) => number): Row[] {
  const both = (figure: keyof Sample, unit: string) =>
    kinds.map((kind) => `${kind} ${of(kind, path, figure).toFixed(figure === "p99" ? 1 : 0)}${unit}`).join(", ");
  return [
    {
      what: `${path}: requests a second, of the bare route's`,
      value: of("sidecar", path, "requestsPerSecond") / of("bare", path, "requestsPerSecond"),
      bound: { least: 0.5 },
      note: both("requestsPerSecond", "/s"),
    },
    {
      what: `${path}: p99, beside the bare route's`,
      value: of("sidecar", path, "p99") / of("bare", path, "p99"),
      note: both("p99", " ms"),
    },
    {
      what: `${path}: CPU of a request, beside the bare route's`,
      value: of("sidecar", path, "cpuMicros") / of("bare", path, "cpuMicros"),
      note: both("cpuMicros", " µs"),
    },
  ];
}

/** What the same header costs without a sidecar: validated and served in process, both from the cache. */
async function priceOfTheHop(emulator: Emulator, authorization: string, sidecarMicros: number): Promise<Row> {
  const auth = createAgentAuth(loadOptions({ env: emulator.env }));
  const headers = ["Authorization", authorization];
  const once = async () => (await auth.authenticate(headers)).headerFor("Graph");
  await once();
  const [measured] = await interleave(
    [
      {
        name: "in process",
        run: async (count) => {
          for (let index = 0; index < count; index += 1) await once();
        },
      },
    ],
    { rounds: 9, count: 20_000 },
  );
  await auth.close();
  const inProcess = (measured?.nsEach ?? Number.NaN) / 1000;
  return {
    what: "CPU of a header by the sidecar, beside authenticate + headerFor in process",
    value: sidecarMicros / inProcess,
    note: `${sidecarMicros.toFixed(0)} µs and ${inProcess.toFixed(1)} µs; the client's side of the hop comes on top`,
  };
}

async function startServer(kind: Kind, env: Readonly<Record<string, string>>): Promise<Server> {
  const child = fork(new URL("./servers/sidecar-server.js", import.meta.url), [kind], {
    env: { ...process.env, ...env },
    // The log is written, as in production, and not read.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return { kind, url, child };
}

async function cpuMicrosOf({ child }: Server): Promise<number> {
  const answer = once(child, "message");
  child.send("cpu");
  const [{ cpu }] = (await answer) as [{ cpu: NodeJS.CpuUsage }];
  return cpu.user + cpu.system;
}

interface PathLoad {
  readonly path: Path;
  readonly authorization: string;
  readonly seconds: number;
}

async function load(server: Server, { path, authorization, seconds }: PathLoad): Promise<Sample> {
  const before = await cpuMicrosOf(server);
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${authorization}\r\n\r\n`;
  const port = Number(new URL(server.url).port);
  const { count, perSecond, p99 } = await loadServer({
    port,
    requests: [Buffer.from(request)],
    connections: 64,
    seconds,
  });
  return { requestsPerSecond: perSecond, p99, cpuMicros: ((await cpuMicrosOf(server)) - before) / count };
}
