import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.js";
import type { CheckResult } from "../validate/inspect-token.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

async function inspect(token: string) {
  const { code, stdout } = await runCli(["validate", "-", "--json"], { env: emulator.env, input: token });
  const { checks, ...rest } = JSON.parse(stdout) as { checks: CheckResult[]; valid: boolean; caller?: object };
  return { code, ...rest, verdicts: Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict])) };
}

describe("agent-auth validate", () => {
  it.concurrent("passes every check of a valid token, and says who calls", async () => {
    const inspection = await inspect(await emulator.mint("agent-on-behalf-of-user"));
    expect(inspection).toMatchObject({ code: 0, valid: true, caller: { kind: "agent-on-behalf-of-user" } });
    expect(new Set(Object.values(inspection.verdicts))).toEqual(new Set(["passed"]));
  });

  it.concurrent("takes a header's value and a token as the argument", async () => {
    const token = await emulator.mint("user");
    const { code, stdout } = await runCli(["validate", `Bearer ${token}`], { env: emulator.env });
    expect(stdout).toMatch(/passed +signature[\s\S]*The token is valid\.[\s\S]*"kind": "user"[\s\S]*"scp"/);
    expect(stdout).not.toContain("\u001b[");
    expect(code).toBe(0);
  });

  it.concurrent("tells each of two checks that fail from those that pass", async () => {
    const token = await emulator.mint("user", { expiresIn: -3600, audience: "api://another" });
    const { code, valid, caller, verdicts } = await inspect(token);
    expect(verdicts).toEqual({
      form: "passed",
      algorithm: "passed",
      lifetime: "failed",
      audience: "failed",
      tenant: "passed",
      "signing key": "passed",
      issuer: "passed",
      signature: "passed",
      claims: "passed",
    });
    expect({ code, valid, caller }).toEqual({ code: 1, valid: false, caller: undefined });
  });

  it.concurrent("stops where core cannot go on", async () => {
    const token = await emulator.mint("user");
    const tampered = `${token.slice(0, -8)}AAAAAAAA`;
    expect((await inspect(tampered)).verdicts).toMatchObject({
      issuer: "passed",
      signature: "failed",
      claims: "not checked",
    });
    expect((await inspect("nonsense")).verdicts).toMatchObject({ form: "failed", signature: "not checked" });
    const foreign = await emulator.mint("user", { claims: { tid: "7e4a0000-0000-4000-8000-00000000ffff" } });
    expect((await inspect(foreign)).verdicts).toMatchObject({ tenant: "failed", signature: "not checked" });
  });

  it.concurrent("says of each failed check what is wrong", async () => {
    const token = await emulator.mint("user", { expiresIn: -3600 });
    const { stdout, code } = await runCli(["validate", "-"], { env: emulator.env, input: token });
    expect(stdout).toMatch(/failed +lifetime: .*expired/);
    expect(stdout).toContain("Claims, as the token states them");
    expect(code).toBe(1);
  });

  it.concurrent("exits with 1 and one line when the keys cannot be had", async () => {
    const token = await emulator.mint("user");
    const env = { ...emulator.env, AzureAd__Instance: "http://127.0.0.1:1/" };
    const { stdout, code } = await runCli(["validate", "-"], { env, input: token });
    expect(stdout).toMatch(/failed +signing key: /);
    expect(code).toBe(1);
  });
});
