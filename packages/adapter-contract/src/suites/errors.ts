import { type AgentAuthErrorCode, createAgentAuth } from "@agent-auth/core";
import { describe, expect, it } from "vitest";
import { send } from "../client.js";
import type { Running } from "../describe-adapter.js";
import { expectProblem } from "../expect-problem.js";
import { operations } from "../operations.js";

interface FailingOperation {
  readonly operation: keyof typeof operations;
  readonly code: AgentAuthErrorCode;
  readonly status: number;
  /** Entra or a downstream API has to say no; all else is refused before anything reaches the network. */
  readonly upstream?: true;
}

const failing: readonly FailingOperation[] = [
  { operation: "unknown-service", code: "service_unknown", status: 500 },
  { operation: "service-without-scopes", code: "service_scopes_missing", status: 500 },
  { operation: "agent-user-without-agent", code: "agent_user_without_agent_identity", status: 400 },
  { operation: "agent-user-named-twice", code: "agent_user_ambiguous", status: 400 },
  { operation: "agent-user-id-no-guid", code: "agent_user_id_invalid", status: 400 },
  { operation: "agent-identity-no-guid", code: "agent_identity_invalid", status: 400 },
  { operation: "url-refused", code: "downstream_url_refused", status: 400 },
  { operation: "consent-missing", code: "consent_required", status: 403, upstream: true },
  { operation: "downstream-fails", code: "downstream_failed", status: 502, upstream: true },
  { operation: "downstream-unreachable", code: "downstream_unreachable", status: 502, upstream: true },
];

/** Errors that a handler lets through become the right answer, without any code of the application's. */
export function describeErrors(of: () => Running): void {
  describe("errors in handlers", () => {
    it.each(failing)("$operation is answered with $code", async ({ operation, code, status, upstream }) => {
      const { url, world, auth } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      world.emulator.clearRequests();
      const answer = await send(`${url}/operations/${operation}`, { headers });
      if (upstream === undefined) expect(world.emulator.requests).toEqual([]);
      const body = answer.json();
      expect(body).toMatchObject({ code, status });
      expect(answer.text).not.toContain("eyJ");
      if (status < 500) expect(body.detail).toMatch(/\w{3}/);
      // Entra's ids of a request are new each time, so what Entra said is not held against a second try of core's.
      if (code === "consent_required") expect(answer.status).toBe(403);
      else {
        const refusedBy = async () => operations[operation](await auth.authenticate(headers));
        await expectProblem(answer, { auth, code, status, refusedBy });
      }
    });

    it("logs what is no fault of the client's, without a token", async () => {
      const { url, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      world.log.length = 0;
      await send(`${url}/operations/unknown-service`, { headers });
      await send(`${url}/operations/url-refused`, { headers });
      expect(world.log).toHaveLength(1);
      expect(world.log[0]).toContain("service_unknown");
      expect(world.log.join()).not.toContain("eyJ");
    });

    it("an app-only caller for whom nothing can be called on behalf is refused before the network", async () => {
      const { url, world, auth } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("app")}` };
      world.emulator.clearRequests();
      const answer = await send(`${url}/operations/profile`, { headers });
      expect(world.emulator.requests).toEqual([]);
      await expectProblem(answer, {
        auth,
        code: "app_only_caller",
        status: 403,
        refusedBy: async () => operations.profile(await auth.authenticate(headers)),
      });
    });

    it("answers 503 with Retry-After when the signing keys cannot be had", async () => {
      const { start, world } = of();
      const auth = createAgentAuth({ ...world.options, instance: "http://127.0.0.1:1/" });
      const server = await start(auth);
      try {
        const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
        const answer = await send(`${server.url}/me`, { headers });
        await expectProblem(answer, {
          auth,
          code: "keys_unavailable",
          status: 503,
          refusedBy: () => auth.authenticate(headers),
        });
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      } finally {
        await server.close();
        await auth.close();
      }
    });

    it("leaves the application's own errors to the framework", async () => {
      const { url, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      const answer = await send(`${url}/operations/own-error`, { headers });
      expect(answer.status).toBe(500);
      expect(answer.headers["content-type"]).not.toContain("problem+json");
    });
  });
}
