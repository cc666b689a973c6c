import { startEmulator } from "@agent-auth/entra-emulator";
import type { Row } from "../measure.js";
import { type ServerKind, type Turns, takeTurns } from "./take-turns.js";

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
    otherName: "@fastify/jwt and get-jwks",
    least: { ofBare: 0.85, ofOther: 4 },
  },
];

const mix = "512 tokens";

/** Throughput and CPU time of each kind of server, each in processes of its own, loaded in turn. */
export async function compareServers(): Promise<readonly Row[]> {
  const emulator = await startEmulator();
  try {
    const tokens = await Promise.all(Array.from({ length: 512 }, () => emulator.mint("user")));
    const requests = tokens.map((token) =>
      Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`),
    );
    const script = new URL("./server.js", import.meta.url);
    const groups = comparisons.map(({ bare, ours, other }) =>
      [bare, ours, other].map((name): ServerKind => ({ name, script, env: emulator.env })),
    );
    const turns = await takeTurns(groups, [{ name: mix, requests }]);
    return comparisons.flatMap((comparison, index) => rowsOf(comparison, turns[index] as Turns));
  } finally {
    await emulator.close();
  }
}

function rowsOf({ framework, bare, ours, other, otherName, least }: Comparison, turns: Turns): readonly Row[] {
  const noteOf = (kind: string) => {
    const perSecond = turns.middle(kind, mix, "requestsPerSecond").toFixed(0);
    return `${perSecond}/s, ${turns.middle(kind, mix, "cpuMicros").toFixed(0)} µs CPU`;
  };
  const row = (what: string, kind: string, to: string, wanted?: number): Row => ({
    what,
    value: turns.ratio(kind, to, mix, "requestsPerSecond"),
    ...(wanted !== undefined && { bound: { least: wanted } }),
    note: `${noteOf(kind)} and ${noteOf(to)}`,
  });
  return [
    row(`${framework} with agent-auth, of the bare server`, ours, bare, least.ofBare),
    row(`${framework} with agent-auth, of ${otherName}`, ours, other, least.ofOther),
    row(`${framework} with ${otherName}, of the bare server`, other, bare),
  ];
}
