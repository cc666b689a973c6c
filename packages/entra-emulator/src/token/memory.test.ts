import { Agent, request } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { startEmulator } from "../emulator.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const REQUESTS = 2000;
/** Noise of the runtime; measured about 0.5 MiB. A record of every request that is never dropped comes to 3 MiB. */
const ALLOWANCE = 1.5 * 1024 * 1024;

it(`keeps memory flat over ${REQUESTS} client-credential requests in a row`, async () => {
  const emulator = await startEmulator();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { clientId, clientSecret } = emulator.blueprint;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: "https://graph.microsoft.com/.default",
  }).toString();
  const post = () =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request(`${emulator.url}/${emulator.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        agent,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      outgoing.once("error", reject).once("response", (response) => {
        response.resume().once("end", () => resolve(response.statusCode ?? 0));
      });
      outgoing.end(body);
    });
  const heapAfter = async (count: number) => {
    for (let i = 0; i < count; i += 1) expect(await post()).toBe(200);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  // The record keeps the last 1000 requests, so by then it is as large as it will ever be.
  const before = await heapAfter(1100);
  const after = await heapAfter(REQUESTS);
  agent.destroy();
  await emulator.close();
  expect(emulator.requests).toHaveLength(1000);
  expect(after - before).toBeLessThan(ALLOWANCE);
});
