import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { isAgentAuthError } from "../index.js";
import { clientId, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
const rounds = 200_000;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

test(`${rounds} mutated tokens and headers: none is accepted, nothing crashes, stalls or grows (FUZZ_SEED=${seed})`, {
  timeout: 120_000,
}, async () => {
  const app = issuer.app();
  await app.warmUp();
  const good = [
    await issuer.sign(),
    await issuer.sign({ idtyp: "app", scp: undefined, roles: ["a"] }),
    await issuer.sign({ aud: `api://${clientId}` }),
  ];
  const accepted = new Set(good.map((token) => `Bearer ${token}`));
  for (const authorization of accepted) await app.authenticate({ authorization });
  const { next, pick } = randomness(seed);
  const codes = new Map<string, number>();

  const attempt = async (authorization: string) => {
    try {
      await app.authenticate({ authorization });
    } catch (error) {
      if (!isAgentAuthError(error))
        throw new Error(`no refusal but a crash: ${JSON.stringify(authorization)}`, { cause: error });
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      return;
    }
    // What a mutation left as it was, or what means the same header by RFC 9110, is no forgery.
    if (!accepted.has(`Bearer ${authorization.replace(/ +$/, "").replace(/^bearer +/i, "")}`)) {
      throw new Error(`accepted: ${JSON.stringify(authorization)}`);
    }
  };

  for (let round = 0; round < 5_000; round += 1) await attempt(mutate(pick(good), next, pick));
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  let longestMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = process.cpuUsage();
    await attempt(mutate(pick(good), next, pick));
    const { user, system } = process.cpuUsage(startedAt);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    if (round % 500 === 0) await setImmediate();
  }
  collectGarbage();
  const grownBytes = process.memoryUsage().heapUsed - heapBefore;
  await app.close();

  expect(codes.size).toBeGreaterThan(8);
  expect([...codes.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(rounds * 0.9);
  // CPU time of one attempt, so that a busy machine does not count as a stall.
  expect(longestMs).toBeLessThan(50);
  expect(grownBytes).toBeLessThan(16 * 1024 * 1024);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

type Pick = <T>(values: readonly T[]) => T;

/** A small generator with a seed, so that a failure can be had again (mulberry32). */
function randomness(start: number): { next: (below: number) => number; pick: Pick } {
  let state = start;
  const next = (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
  return { next, pick: (values) => values[next(values.length)] as (typeof values)[number] };
}

const encode = (text: string) => Buffer.from(text).toString("base64url");
const decode = (part = "") => Buffer.from(part, "base64url").toString("utf8");
const lookAlikes: Readonly<Record<string, string>> = { A: "А", e: "е", o: "ο", "0": "٠", ".": "․", "-": "‐", _: "＿" };
const nested = `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`;
const jsonValues = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "1e999",
  "-1",
  "99999999999999999999",
  '"\\u0000"',
  "[[[[[[]]]]]]",
  '{"__proto__":{"admin":true}}',
  nested,
];
const headerNames = [
  "alg",
  "kid",
  "typ",
  "crit",
  "jwk",
  "jku",
  "x5u",
  "b64",
  "zip",
  "cty",
  "x5t",
  "__proto__",
  "constructor",
];
const claimNames = [
  "aud",
  "iss",
  "exp",
  "nbf",
  "tid",
  "oid",
  "scp",
  "roles",
  "idtyp",
  "xms_act_fct",
  "xms_sub_fct",
  "azp",
  "ver",
  "__proto__",
  "toString",
];

function mutate(token: string, next: (below: number) => number, pick: Pick): string {
  const parts = token.split(".");
  const [header = "", payload = "", signature = ""] = parts;
  const withJson = (part: string, names: readonly string[]) => {
    const text = decode(part);
    const member = `${JSON.stringify(pick(names))}:${pick(jsonValues)}`;
    // A duplicate key before or behind the genuine ones.
    return encode(next(2) === 0 ? text.replace("{", `{${member},`) : text.replace(/\}$/, `,${member}}`));
  };
  const at = next(token.length);
  switch (next(18)) {
    case 0: // A bit is flipped.
      return `Bearer ${token.slice(0, at)}${String.fromCharCode(token.charCodeAt(at) ^ (1 << next(7)))}${token.slice(at + 1)}`;
    case 1:
      return `Bearer ${token.slice(0, at)}`;
    case 2:
      return `Bearer ${token.slice(at)}`;
    case 3:
      return `Bearer ${token.slice(0, at)}${token.slice(at + 1 + next(5))}`;
    case 4:
      return `Bearer ${token.slice(0, at)}${pick(["A", "=", "+", "/", ".", " ", ",", "\u0000", "\r\n", "%2e", "é"])}${token.slice(at)}`;
    case 5:
      return `Bearer ${withJson(header, headerNames)}.${payload}.${signature}`;
    case 6:
      return `Bearer ${header}.${withJson(payload, claimNames)}.${signature}`;
    case 7:
      return `Bearer ${withJson(header, headerNames)}.${withJson(payload, claimNames)}.${signature}`;
    case 8:
      return `Bearer ${encode(pick(jsonValues))}.${payload}.${signature}`;
    case 9:
      return `Bearer ${header}.${encode(pick(jsonValues))}.${signature}`;
    case 10:
      return `Bearer ${[...parts].sort(() => next(3) - 1).join(".")}${pick(["", ".", ".."])}`;
    case 11: // Look-alikes of other alphabets.
      return `Bearer ${token.replace(new RegExp(pick(Object.keys(lookAlikes)).replace(".", "\\."), "g"), (found) => (next(9) === 0 ? (lookAlikes[found] ?? found) : found))}`;
    case 12: // Other spellings of the same bytes.
      return `Bearer ${pick([`${header}=`, Buffer.from(header, "base64url").toString("base64")])}.${payload}.${signature}${pick(["", "=", "=="])}`;
    case 13: {
      const last = token.charCodeAt(token.length - 1);
      return `Bearer ${token.slice(0, -1)}${String.fromCharCode(last + 1 + next(3))}`;
    }
    case 14:
      return `${pick(["", "bearer", "Bearer", "BEARER ", "Basic", "PoP", "Bearer\t", "Bearer,"])} ${pick([token, "", `${token} ${token}`, `${token},${token}`])}`;
    case 15:
      return `Bearer ${header}.${payload}.${encode("x".repeat(next(400)))}`;
    case 16:
      return `Bearer ${encode(decode(header).replace("RS256", pick(["none", "HS256", "PS256", "RS512", "rs256"])))}.${payload}.${pick(["", signature, "AAAA"])}`;
    default:
      return `Bearer ${pick(["", "a"])}${pick(["a", "é", "{", ".", " ", "a."]).repeat(next(20_000))}${pick(["", "a"])}`;
  }
}
