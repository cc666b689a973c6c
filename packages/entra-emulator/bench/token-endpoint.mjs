/**
 * How many signed tokens a second the token endpoint answers with, over HTTP with keep-alive, and what a start costs.
 * Prints; asserts nothing. The client runs in this process too, so the emulator alone does better.
 */
import { Agent, request } from "node:http";
import { startEmulator } from "../dist/index.js";

const SECONDS = 5;
const CONCURRENCY = 16;

const starts = [];
for (let i = 0; i < 5; i += 1) {
  const before = performance.now();
  const started = await startEmulator();
  starts.push(performance.now() - before);
  await started.close();
}
const [first, ...rest] = starts.map((ms) => ms.toFixed(0));
process.stdout.write(`startEmulator(): first ${first} ms, then ${rest.join(", ")} ms\n`);

const emulator = await startEmulator();
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const { clientId, clientSecret } = emulator.blueprint;
const form = (fields) =>
  new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields }).toString();
const requests = {
  "client credentials": form({ grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" }),
  "T1 (fmi_path)": form({
    grant_type: "client_credentials",
    scope: "api://AzureADTokenExchange/.default",
    fmi_path: emulator.agentIdentities[0]?.clientId ?? "",
  }),
  "on behalf of": form({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: await emulator.mint("user"),
    requested_token_use: "on_behalf_of",
    scope: "User.Read",
  }),
};

for (const [name, body] of Object.entries(requests)) {
  const until = performance.now() + SECONDS * 1000;
  let answered = 0;
  const work = async () => {
    while (performance.now() < until) {
      const status = await post(body);
      if (status !== 200) throw new Error(`${name} was answered with ${status}`);
      answered += 1;
    }
  };
  const before = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const rate = (answered / (performance.now() - before)) * 1000;
  process.stdout.write(`${name}: ${rate.toFixed(0)} signed tokens a second (${answered} in ${SECONDS} s)\n`);
}
agent.destroy();
await emulator.close();

function post(body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${emulator.url}/${emulator.tenantId}/oauth2/v2.0/token`,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
