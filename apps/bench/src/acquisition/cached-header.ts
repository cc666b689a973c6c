import { setTimeout } from "node:timers/promises";
import type { RequestAuth } from "@agent-auth/core";
import { interleave, type Row } from "../measure.js";
import { clientId, tenantId } from "../tokens.js";
import { createApp, requestsOf } from "./app.js";
import { msalAuthority, msalClient } from "./msal-client.js";
import { createLocalEntra, tokenLength } from "./token-endpoint.js";

const manyUsers = 100_000;
const msalUsers = 1_000;
/** Calls of one sample: enough that users come in no order that a processor's cache could learn. */
const calls = 200_000;

/** Cached calls for one user, a thousand and a hundred thousand, beside msal-node's own cache at a thousand. */
export async function cachedHeader(): Promise<Row[]> {
  const entra = createLocalEntra();
  const app = createApp(entra, { tokenCacheMaxEntries: manyUsers + 10, verifiedTokenCacheMaxEntries: 1 });
  console.log(`\n  (signing and validating ${manyUsers.toLocaleString("en")} tokens: a minute or two)`);
  const users = await requestsOf(app, entra, manyUsers);
  const bytesEach = await fill(users);

  const msal = await msalHits();
  const measured = await interleave(
    [1, msalUsers, manyUsers].map((count) => ({ name: String(count), run: () => callMany(users.slice(0, count)) })),
    { rounds: 7, count: calls },
  );
  const microseconds = (name: number) =>
    (measured.find((each) => each.name === String(name))?.nsEach ?? Number.NaN) / 1000;
  return [
    { what: "1 user", value: microseconds(1), bound: { most: 1 }, unit: "µs" },
    { what: "1,000 users", value: microseconds(msalUsers), unit: "µs" },
    { what: "100,000 users", value: microseconds(manyUsers), bound: { most: 3 }, unit: "µs" },
    {
      what: "msal-node's cache hit at 1,000 users, beside ours",
      value: msal / microseconds(msalUsers),
      bound: { least: 1_000 },
      note: `msal-node ${(msal / 1000).toFixed(2)} ms`,
    },
    {
      what: `memory of a cached token of ${tokenLength} bytes`,
      value: bytesEach,
      bound: { most: 1.2 * tokenLength + 400 },
      unit: "bytes",
      note: `at ${manyUsers.toLocaleString("en")} users`,
    },
  ];
}

/** Gets every user's token, and says how many bytes each took. */
async function fill(users: readonly RequestAuth[]): Promise<number> {
  // The first call makes the plan, which is no user's.
  await users[0]?.headerFor("Graph");
  // Who calls is told at the first question, and kept by the request, which a server does not keep.
  const kinds = new Set(users.map((user) => user.caller.kind));
  if (kinds.size !== 1) throw new Error("the users of this benchmark are all of one kind");
  const before = await heap();
  for (let index = 1; index < users.length; index += 500) {
    await Promise.all(users.slice(index, index + 500).map((user) => user.headerFor("Graph")));
  }
  return ((await heap()) - before) / (users.length - 1);
}

async function heap(): Promise<number> {
  // What was let go in one turn of the event loop is collected in the next.
  for (let times = 0; times < 6; times++) {
    globalThis.gc?.();
    await setTimeout(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function callMany(users: readonly RequestAuth[]): Promise<void> {
  let at = 0;
  for (let done = 0; done < calls; done++) {
    // A stride that is prime to every count: all users, far apart.
    at = (at + 48_271) % users.length;
    await users[at]?.headerFor("Graph");
  }
}

/** Microseconds of a hit of msal-node's own on-behalf-of cache. */
async function msalHits(): Promise<number> {
  let serial = 0;
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const client = msalClient({
    fetch: async () => {
      const uid = `05e40000-0000-4000-8000-${String(++serial).padStart(12, "0")}`;
      const idToken = { sub: uid, oid: uid, tid: tenantId, aud: clientId, iss: `${msalAuthority}/v2.0`, ver: "2.0" };
      return Response.json({
        token_type: "Bearer",
        scope: "User.Read",
        expires_in: 3600,
        access_token: `${uid}.${"x".repeat(tokenLength - 40)}`,
        id_token: `${encode({ alg: "none" })}.${encode(idToken)}.`,
        client_info: encode({ uid, utid: tenantId }),
      });
    },
  });
  const call = (user: number) =>
    client.acquireTokenOnBehalfOf({ scopes: ["User.Read"], oboAssertion: `assertion-${user}` });
  for (let user = 0; user < msalUsers; user++) await call(user);
  const sent = serial;
  const hits = 40;
  const startedAt = performance.now();
  for (let hit = 0; hit < hits; hit++) await call((hit * 271) % msalUsers);
  const took = performance.now() - startedAt;
  if (serial !== sent) throw new Error("msal-node asked again: what was measured is no hit");
  return (took / hits) * 1000;
}
