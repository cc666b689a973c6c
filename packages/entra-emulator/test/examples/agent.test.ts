import { type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator();
});
afterAll(() => entra.close());

it("survives one throttled request", async () => {
  await entra.faults.add({ kind: "status", status: 429, retryAfter: 1, match: { endpoint: "token" } });
  const token = () =>
    fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: entra.blueprint.clientId,
        client_secret: entra.blueprint.clientSecret,
        scope: "https://graph.microsoft.com/.default",
      }),
    });
  expect((await token()).status).toBe(429);
  expect((await token()).status).toBe(200);
  expect(entra.requests.map((request) => request.outcome.status)).toEqual([429, 200]);
});

it("no longer accepts a token after its keys are gone", async () => {
  const inbound = await entra.mint("user", { audience: "https://graph.microsoft.com", scopes: ["User.Read"] });
  const me = () => fetch(`${entra.url}/graph/v1.0/me`, { headers: { authorization: `Bearer ${inbound}` } });
  expect((await me()).status).toBe(200);
  await entra.rotateKeys({ overlap: false });
  expect((await me()).status).toBe(401);
});
