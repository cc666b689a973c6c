import type { LegEvent } from "@agent-auth/core";
import type { Emulator } from "@agent-auth/entra-emulator";
import type { Scenario } from "./scenarios.js";

/** What came of a scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly status: number;
  readonly body: unknown;
  readonly challenge: string | null;
  readonly legs: readonly LegEvent[];
  /** Claims of the token that the downstream API received. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** What is not as expected; empty = all is well. */
  readonly differences: readonly string[];
}

/** Sends the request of a scenario as a client would, and holds what comes of it against what must. */
export async function runScenario(
  scenario: Scenario,
  target: {
    readonly url: string;
    readonly emulator: Emulator;
    /** Filled by the sample's `onLeg` while the request runs. */
    readonly legs: LegEvent[];
    /** Tokens that clients hold, so that a caller who comes again comes with the same one. */
    readonly tokens: Map<string, string>;
  },
): Promise<Outcome> {
  const { url, emulator, legs, tokens } = target;
  const { caller, json } = scenario;
  const token = caller === undefined ? undefined : await tokenOf(emulator, caller, tokens);
  legs.length = 0;
  emulator.clearRequests();
  const response = await fetch(`${url}${scenario.path}`, {
    method: scenario.method ?? "GET",
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const outcome = {
    scenario,
    status: response.status,
    body: (await response.json()) as unknown,
    challenge: response.headers.get("www-authenticate"),
    legs: [...legs],
    claims: emulator.resourceRequests.at(-1)?.claims,
  };
  return { ...outcome, differences: differences(outcome, emulator.requests.length) };
}

/** The token that a client of the API would have: minted over HTTP, as any language can. */
async function tokenOf(
  emulator: Emulator,
  caller: NonNullable<Scenario["caller"]>,
  tokens: Map<string, string>,
): Promise<string> {
  const client = JSON.stringify(caller);
  const held = tokens.get(client);
  if (held !== undefined) return held;
  const response = await fetch(`${emulator.url}/_emulator/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind: caller.kind, ...caller.options }),
  });
  if (!response.ok) throw new Error(`the emulator minted no token: ${await response.text()}`);
  const { access_token: token } = (await response.json()) as { readonly access_token: string };
  tokens.set(client, token);
  return token;
}

function differences(outcome: Omit<Outcome, "differences">, tokenRequests: number): string[] {
  const { expect } = outcome.scenario;
  const found: string[] = [];
  const compare = (what: string, actual: unknown, expected: unknown) => {
    const same =
      expected instanceof RegExp ? expected.test(String(actual)) : JSON.stringify(actual) === JSON.stringify(expected);
    if (!same)
      found.push(
        `${what} is ${JSON.stringify(actual)}, not ${expected instanceof RegExp ? expected : JSON.stringify(expected)}`,
      );
  };
  const legs = outcome.legs.map((leg) => `${leg.kind} ${leg.cache}`);
  compare("status", outcome.status, expect.status);
  compare("legs", legs, expect.legs);
  compare("token requests at Entra", tokenRequests, expect.legs.filter((leg) => leg.endsWith(" miss")).length);
  compareMembers("body", outcome.body, expect.body);
  if (expect.claims !== undefined) compareMembers("the downstream token", outcome.claims, expect.claims);
  for (const part of expect.challenge ?? []) {
    if (!outcome.challenge?.includes(part)) found.push(`WWW-Authenticate is ${outcome.challenge}, without ${part}`);
  }
  return found;

  function compareMembers(what: string, actual: unknown, expected: Readonly<Record<string, unknown>>) {
    const members = (typeof actual === "object" && actual !== null ? actual : {}) as Record<string, unknown>;
    for (const [name, value] of Object.entries(expected)) compare(`${what}.${name}`, members[name], value);
  }
}
