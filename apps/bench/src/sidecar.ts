import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { interleave, printTable, type Row } from "./measure.js";
import { type Figure, type ServerKind, startServer, type Turns, takeTurns } from "./servers/take-turns.js";

const paths = ["/AuthorizationHeader/Graph", "/Validate"] as const;
type Path = (typeof paths)[number];

const script = new URL("./servers/sidecar-server.js", import.meta.url);

/** `pnpm bench sidecar`: the sidecar beside a bare Fastify route with the same payload, and the price of the hop. */
export async function sidecar(): Promise<void> {
  const emulator = await startEmulator();
  try {
    const authorization = `Bearer ${await emulator.mint("user")}`;
    const ours: ServerKind = { name: "sidecar", script, env: emulator.env };
    const payloads = JSON.stringify(await payloadsOf(ours, authorization));
    const bare: ServerKind = { name: "bare", script, env: { PAYLOADS: payloads } };
    const mixes = paths.map((path) => ({
      name: path,
      requests: [Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${authorization}\r\n\r\n`)],
    }));
    const [turns] = (await takeTurns([[ours, bare]], mixes)) as [Turns];
    const headerMicros = turns.middle("sidecar", "/AuthorizationHeader/Graph", "cpuMicros");
    printTable("The sidecar, 64 connections, beside a bare Fastify route with the same payload", [
      ...paths.flatMap((path) => rowsOf(path, turns)),
      await priceOfTheHop(emulator, authorization, headerMicros),
    ]);
  } finally {
    await emulator.close();
  }
}

/** What a sidecar answers, by path: what the bare server is to send. */
async function payloadsOf(kind: ServerKind, authorization: string): Promise<Record<string, unknown>> {
  const server = await startServer(kind);
  try {
    const answers = paths.map(async (path) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization } });
      return [path, await answer.json()] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  } finally {
    server.stop();
  }
}

function rowsOf(path: Path, turns: Turns): Row[] {
  const ratio = (figure: Figure) => turns.ratio("sidecar", "bare", path, figure);
  const both = (figure: Figure, unit: string) =>
    ["sidecar", "bare"]
      .map((name) => `${name} ${turns.middle(name, path, figure).toFixed(figure === "p99" ? 1 : 0)}${unit}`)
      .join(", ");
  return [
    {
      what: `${path}: requests a second, of the bare route's`,
      value: ratio("requestsPerSecond"),
      bound: { least: 0.5 },
      note: both("requestsPerSecond", "/s"),
    },
    { what: `${path}: p99, beside the bare route's`, value: ratio("p99"), note: both("p99", " ms") },
    {
      what: `${path}: CPU of a request, beside the bare route's`,
      value: ratio("cpuMicros"),
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
