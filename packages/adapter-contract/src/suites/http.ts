import { describe, expect, it } from "vitest";
import { send } from "../client.js";
import type { Running } from "../describe-adapter.js";
import { expectProblem } from "../expect-problem.js";

const origin = "https://portal.contoso.example";

/** The rest of HTTP goes on as the framework would have it. */
export function describeHttp(of: () => Running): void {
  describe("HTTP", () => {
    it("answers HEAD as GET, without a body", async () => {
      const { url, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      const got = await send(`${url}/me`, { headers });
      const head = await send(`${url}/me`, { method: "HEAD", headers });
      expect(head.status).toBe(200);
      expect(head.text).toBe("");
      // A host may leave it out (RFC 9110 section 9.3.2), but not tell another.
      expect([got.headers["content-length"], undefined]).toContain(head.headers["content-length"]);
    });

    it("refuses HEAD without a token, with the challenge and without a body", async () => {
      const { url } = of();
      const got = await send(`${url}/me`);
      const head = await send(`${url}/me`, { method: "HEAD" });
      expect(head.status).toBe(401);
      expect(head.text).toBe("");
      expect(head.headers["www-authenticate"]).toBe(got.headers["www-authenticate"]);
    });

    it("lets a CORS preflight through to the application's CORS handling", async () => {
      const { url, world } = of();
      world.emulator.clearRequests();
      const answer = await send(`${url}/me`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "GET",
          "access-control-request-headers": "authorization",
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      expect(answer.headers).not.toHaveProperty("www-authenticate");
      expect(answer.text).toBe("");
    });

    it("keeps the CORS headers on a refusal, so that a browser can read it", async () => {
      const { url, auth } = of();
      const answer = await send(`${url}/me`, { headers: { origin } });
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      await expectProblem(answer, {
        auth,
        code: "authorization_missing",
        status: 401,
        refusedBy: () => auth.authenticate({}),
      });
    });

    it("leaves a route that does not exist to the framework", async () => {
      const { url, world, protectsUnknownRoutes } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      const known = await send(`${url}/nowhere`, { headers });
      expect(known.status).toBe(404);
      expect(known.headers["content-type"]).not.toContain("problem+json");
      const anonymous = await send(`${url}/nowhere`);
      expect(anonymous.status).toBe(protectsUnknownRoutes ? 401 : 404);
    });

    it("publishes the protected resource metadata, to which the challenges point", async () => {
      const { url, auth } = of();
      const path = "/.well-known/oauth-protected-resource/assistant";
      const answer = await send(`${url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toMatch(/^application\/json(; charset=utf-8)?$/);
      expect(answer.text).toBe(auth.resourceMetadata?.body);
      expect(answer.json()).toMatchObject({
        resource: "https://api.contoso.example/assistant",
        scopes_supported: ["access_as_user"],
      });
      const head = await send(`${url}${path}`, { method: "HEAD" });
      expect([head.status, head.text]).toEqual([200, ""]);
      const refused = await send(`${url}/me`);
      expect(refused.headers["www-authenticate"]).toContain(`resource_metadata="https://api.contoso.example${path}"`);
      expect((await send(`${url}${path}`, { method: "POST" })).status).not.toBe(200);
    });

    it("hands a handler the body", async () => {
      const { url, world } = of();
      const answer = await send(`${url}/echo`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${await world.emulator.mint("user")}`,
          "content-type": "application/json",
        },
        body: '{"text":"ünïcode"}',
      });
      expect(answer.status).toBe(201);
      expect(answer.json()).toEqual({ text: "ünïcode" });
    });

    it("leaves a body that cannot be parsed to the framework", async () => {
      const { url, world, authenticatesBeforeBody } = of();
      const broken = { method: "POST", body: "{" };
      const json = { "content-type": "application/json" };
      const known = await send(`${url}/echo`, {
        ...broken,
        headers: { ...json, authorization: `Bearer ${await world.emulator.mint("user")}` },
      });
      expect(known.status).toBe(400);
      expect(known.headers["content-type"]).not.toContain("problem+json");
      const anonymous = await send(`${url}/echo`, { ...broken, headers: json });
      expect(anonymous.status).toBe(authenticatesBeforeBody ? 401 : 400);
    });
  });
}
