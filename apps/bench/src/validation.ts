import { type AgentAuth, createAgentAuth } from "@agent-auth/core";
import { createVerifier } from "fast-jwt";
import { createLocalJWKSet, jwtVerify } from "jose";
import { type Contender, interleave, type Measurement, printTable, type Row } from "./measure.js";
import { compareServers } from "./servers/compare-servers.js";
import { clientId, createTokenSource, instance, issuer, type TokenSource, tenantId } from "./tokens.js";

/** `pnpm bench validation`: how fast inbound tokens are validated, first sight and seen again, and what a server keeps. */
export async function validation(): Promise<void> {
  const source = createTokenSource();
  printTable(
    "First sight of a token (RS256, 2048 bits), beside jose jwtVerify with a local key set",
    await firstSight(source),
  );
  printTable("A token seen again, beside the cached verification of fast-jwt", await seenAgain(source));
  printTable("Servers, 64 connections, 512 distinct valid tokens", await compareServers());
}

function create(source: TokenSource, verifiedTokenCacheMaxEntries: number): AgentAuth {
  return createAgentAuth({ instance, tenantId, clientId, fetch: source.fetch, verifiedTokenCacheMaxEntries });
}

/** A request's headers as Node's parser hands them over: strings that it has just made, whatever the cache holds. */
function arrivalOf(token: string): readonly string[] {
  const bearer = Buffer.from(`Bearer ${token}`, "latin1").toString("latin1");
  return ["Host", "api.contoso.example", "Authorization", bearer];
}

/** Headers as Node's server has them. */
function headersOf(token: string): readonly string[] {
  return ["Host", "api.contoso.example", "Authorization", `Bearer ${token}`];
}

async function firstSight(source: TokenSource): Promise<Row[]> {
  const tokens = await source.make(1_024);
  const keys = createLocalJWKSet(source.jwks);
  const verifyWithJose = (token: string) =>
    jwtVerify(token, keys, {
      algorithms: ["RS256"],
      issuer,
      audience: [clientId, `api://${clientId}`],
      clockTolerance: 300,
    });
  const rows: Row[] = [];
  for (const concurrency of [1, 64]) {
    const measured = await interleave(
      [
        { name: "jose", run: (count) => spread(tokens.slice(0, count), concurrency, verifyWithJose) },
        {
          name: "agent-auth",
          // A cache of one entry, and tokens that never come twice in a row: each is seen for the first time.
          run: async (count) => {
            const auth = create(source, 1);
            await auth.warmUp();
            await spread(tokens.slice(0, count), concurrency, (token) => auth.authenticate(headersOf(token)));
          },
        },
      ],
      { rounds: 11, count: tokens.length },
    );
    rows.push({
      what: concurrency === 1 ? "one after the other" : `${concurrency} at once`,
      value: ratio(measured, "agent-auth", "jose"),
      bound: { most: 1.15 },
      note: ["jose", "agent-auth"].map((name) => `${name} ${micros(measured, name)}`).join(", "),
    });
  }
  return rows;
}

async function seenAgain(source: TokenSource): Promise<Row[]> {
  const sizes = [1, 1_000, 100_000] as const;
  const tokens = await source.make(100_000);
  const claimsBytes = bytesOf(() =>
    tokens.map((token) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())),
  );
  const auth = create(source, 100_000);
  await auth.warmUp();
  const cacheBytes = await bytesOfAsync(() => spread(tokens, 64, (token) => auth.authenticate(headersOf(token))));

  // All of them in one run, so that the sizes can be held against each other.
  const contenders: Contender[] = [];
  for (const size of sizes) {
    const chosen = tokens.slice(0, size);
    const verify = createVerifier({
      key: source.publicKeyPem,
      cache: size,
      algorithms: ["RS256"],
      allowedAud: clientId,
      allowedIss: issuer,
    });
    for (const token of chosen) verify(token);
    const again = create(source, size);
    await again.warmUp();
    await spread(chosen, 64, (token) => again.authenticate(headersOf(token)));
    let arrived: (readonly string[])[] = [];
    let next = 0;
    const prepare = (count: number) => {
      arrived = Array.from({ length: count }, () => arrivalOf(tokens[next++ % size] ?? ""));
    };
    contenders.push(
      {
        name: `fast-jwt ${size}`,
        prepare,
        run: () => {
          for (const headers of arrived) verify(bearerOf(headers));
        },
      },
      {
        name: `agent-auth ${size}`,
        prepare,
        run: async () => {
          for (const headers of arrived) await again.authenticate(headers);
        },
      },
    );
  }
  const measured = await interleave(contenders, { rounds: 15, count: 64, runs: 300 });
  const rows: Row[] = sizes.map((size) => ({
    what: `${size.toLocaleString("en")} ${size === 1 ? "token" : "tokens"} in the cache`,
    value: ratio(measured, `agent-auth ${size}`, `fast-jwt ${size}`),
    bound: { most: 1 },
    note: ["fast-jwt", "agent-auth"].map((name) => `${name} ${micros(measured, `${name} ${size}`)}`).join(", "),
  }));
  rows.push({
    what: "100,000 cached tokens beside one",
    value: ratio(measured, "agent-auth 100000", "agent-auth 1"),
    bound: { most: 1.5 },
  });
  rows.push({
    what: "memory of a cached token beside its claims",
    value: (cacheBytes - claimsBytes) / tokens.length,
    unit: "bytes",
    bound: { most: 250 },
  });
  return rows;
}

function bearerOf(headers: readonly string[] | undefined): string {
  return headers?.[3]?.slice("Bearer ".length) ?? "";
}

async function spread<T>(items: readonly T[], concurrency: number, work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** What lies on the heap, and what typed arrays hold outside of it. */
function memoryUsed(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that stay in use while what was made is held. */
function bytesOf(make: () => unknown): number {
  const before = memoryUsed();
  const held = make();
  const after = memoryUsed();
  return held === undefined ? Number.NaN : after - before;
}

async function bytesOfAsync(make: () => Promise<unknown>): Promise<number> {
  const before = memoryUsed();
  await make();
  return memoryUsed() - before;
}

function ratio(measured: readonly Measurement[], of: string, to: string): number {
  return nsEach(measured, of) / nsEach(measured, to);
}

function nsEach(measured: readonly Measurement[], wanted: string): number {
  return measured.find(({ name }) => name === wanted)?.nsEach ?? Number.NaN;
}

function micros(measured: readonly Measurement[], name: string): string {
  return `${(nsEach(measured, name) / 1000).toFixed(1)} µs`;
}
