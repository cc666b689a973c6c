import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { startEmulator } from "@agent-auth/entra-emulator";
import autocannon from "autocannon";
import { median, type Row } from "../measure.js";

const kinds = [
  "express-bare",
  "express-agent-auth",
  "express-oauth2-jwt-bearer",
  "fastify-bare",
  "fastify-agent-auth",
  "fastify-jwt",
] as const;
type Kind = (typeof kinds)[number];

/** Requests a second of each kind of server, each in a process of its own, loaded in turn. */
export async function compareServers(): Promise<Row[]> {
  const emulator = await startEmulator();
  const tokens = await Promise.all(Array.from({ length: 512 }, () => emulator.mint("user")));
  const servers = await Promise.all(kinds.map((kind) => startServer(kind, emulator.env)));
  const samples = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  try {
    for (let round = 0; round <= 5; round += 1) {
      for (const { kind, port } of round % 2 === 0 ? servers : servers.toReversed()) {
        const requestsPerSecond = await load(port, tokens);
        if (round > 0) samples.get(kind)?.push(requestsPerSecond);
      }
    }
  } finally {
    for (const { child } of servers) child.disconnect();
    await emulator.close();
  }
  const rate = (kind: Kind) => median(samples.get(kind) ?? []);
  const row = (what: string, of: Kind, to: Kind, least?: number): Row => ({
    what,
    value: rate(of) / rate(to),
    ...(least !== undefined && { bound: { least } }),
    note: `${rate(of).toFixed(0)} and ${rate(to).toFixed(0)} requests/s`,
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

async function load(port: number, tokens: readonly string[]): Promise<number> {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/`,
    connections: 64,
    duration: 3,
    requests: tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refusals and ${result.errors} errors`);
  return result.requests.average;
}
