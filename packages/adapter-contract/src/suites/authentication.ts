import type { AgentAuthErrorCode } from "@agent-auth/core";
import type { Emulator } from "@agent-auth/entra-emulator";
import { describe, expect, it } from "vitest";
import { send } from "../client.js";
import type { Running } from "../describe-adapter.js";
import { expectProblem } from "../expect-problem.js";

interface BadInput {
  readonly title: string;
  readonly authorization: (emulator: Emulator) => undefined | string | Promise<string>;
  readonly code: AgentAuthErrorCode;
  readonly status: number;
  /** The `error` of the challenge; absent = none is due. */
  readonly error?: string;
}

const soon = () => Math.floor(Date.now() / 1000) + 3000;
const badInput: readonly BadInput[] = [
  { title: "no header", authorization: () => undefined, code: "authorization_missing", status: 401 },
  {
    title: "another scheme",
    authorization: () => "Basic dXNlcjpwYXNz",
    code: "authorization_scheme_unsupported",
    status: 401,
  },
  {
    title: "a header without a token",
    authorization: () => "Bearer",
    code: "authorization_malformed",
    status: 400,
    error: "invalid_request",
  },
  {
    title: "two tokens in one header",
    authorization: async (emulator) => `Bearer ${await emulator.mint("user")}, Bearer ${await emulator.mint("app")}`,
    code: "authorization_malformed",
    status: 400,
    error: "invalid_request",
  },
  {
    title: "garbage",
    authorization: () => "Bearer garbage",
    code: "token_malformed",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "an expired token",
    authorization: async (emulator) => `Bearer ${await emulator.mint("user", { expiresIn: -3600 })}`,
    code: "token_expired",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "a token that is not yet valid",
    authorization: async (emulator) => `Bearer ${await emulator.mint("user", { claims: { nbf: soon() } })}`,
    code: "token_not_yet_valid",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "a token for another audience",
    authorization: async (emulator) => `Bearer ${await emulator.mint("user", { audience: "api://another" })}`,
    code: "token_audience_refused",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "a token of another issuer",
    authorization: async (emulator) =>
      `Bearer ${await emulator.mint("user", { claims: { iss: `https://issuer.example/${emulator.tenantId}/v2.0` } })}`,
    code: "token_issuer_refused",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "a token of another tenant",
    authorization: async (emulator) =>
      `Bearer ${await emulator.mint("user", { claims: { tid: "0e4a0000-0000-4000-8000-000000000009" } })}`,
    code: "token_tenant_refused",
    status: 401,
    error: "invalid_token",
  },
  {
    title: "a token whose signature was changed",
    authorization: async (emulator) => {
      const [header, payload, signature = ""] = (await emulator.mint("user")).split(".");
      const reversed = Buffer.from(signature, "base64url").reverse().toString("base64url");
      return `Bearer ${header}.${payload}.${reversed}`;
    },
    code: "token_signature_invalid",
    status: 401,
    error: "invalid_token",
  },
];

/** Protected, optional and public routes; what is refused, and with what. */
export function describeAuthentication(of: () => Running): void {
  describe("authentication", () => {
    it.each(badInput)("refuses $title with $code", async ({ authorization, code, status, error }) => {
      const { url, world, auth } = of();
      const value = await authorization(world.emulator);
      const headers = value === undefined ? {} : { authorization: value };
      world.emulator.clearRequests();
      const answer = await send(`${url}/me`, { headers });
      await expectProblem(answer, { auth, code, status, refusedBy: () => auth.authenticate(headers) });
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
      if (error === undefined) expect(answer.headers["www-authenticate"]).not.toContain("error=");
      else expect(answer.headers["www-authenticate"]).toContain(`error="${error}"`);
      expect(world.emulator.requests).toEqual([]);
    });

    it("refuses two Authorization headers, though each would do", async () => {
      const { url, world, auth, joinsHeaders = false } = of();
      const token = `Bearer ${await world.emulator.mint("user")}`;
      const answer = await send(`${url}/me`, { headers: { Authorization: [token, token] } });
      await expectProblem(answer, {
        auth,
        code: "authorization_malformed",
        status: 400,
        refusedBy: () => auth.authenticate({ authorization: joinsHeaders ? `${token}, ${token}` : [token, token] }),
      });
    });

    it.each(["user", "app", "agent", "agent-user", "agent-on-behalf-of-user"] as const)(
      "gives a handler the caller of a token: %s",
      async (kind) => {
        const { url, world } = of();
        const answer = await send(`${url}/me`, {
          headers: { authorization: `Bearer ${await world.emulator.mint(kind)}` },
        });
        expect(answer.status).toBe(200);
        expect(answer.json()).toMatchObject({ kind, tenantId: world.emulator.tenantId });
      },
    );

    it("knows the scheme in any case, with more than one space behind it", async () => {
      const { url, world } = of();
      const answer = await send(`${url}/me`, {
        headers: { authorization: `bEaReR   ${await world.emulator.mint("user")}` },
      });
      expect(answer.status).toBe(200);
    });

    it("leaves a public route alone, with or without a token, even a bad one", async () => {
      const { url, world } = of();
      for (const authorization of [undefined, `Bearer ${await world.emulator.mint("user")}`, "Bearer garbage"]) {
        const answer = await send(`${url}/public`, { headers: authorization === undefined ? {} : { authorization } });
        expect(answer.status).toBe(200);
        expect(answer.json()).toEqual({ authenticated: false });
      }
    });

    it("serves anonymous callers on an optional route, and knows the others", async () => {
      const { url, world } = of();
      const anonymous = await send(`${url}/optional`);
      expect(anonymous.status).toBe(200);
      expect(anonymous.json()).toEqual({ caller: null });
      const known = await send(`${url}/optional`, {
        headers: { authorization: `Bearer ${await world.emulator.mint("agent")}` },
      });
      expect(known.json()).toMatchObject({ caller: { kind: "agent" } });
    });

    it("refuses a token that does not hold on an optional route, too", async () => {
      const { url, auth } = of();
      const headers = { authorization: "Bearer garbage" };
      const answer = await send(`${url}/optional`, { headers });
      await expectProblem(answer, {
        auth,
        code: "token_malformed",
        status: 401,
        refusedBy: () => auth.authenticateOptional(headers),
      });
    });

    it("makes a fresh RequestAuth for every request, also of one token", async () => {
      const { url, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      for (let request = 0; request < 3; request += 1) {
        expect((await send(`${url}/operations/fresh`, { headers })).json()).toEqual({ fresh: true });
      }
    });
  });
}
