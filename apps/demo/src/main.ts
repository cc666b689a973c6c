import { parseArgs } from "node:util";
import { createAgentAuth, type LegEvent, loadOptions } from "@agent-auth/core";
import { startEmulator } from "@agent-auth/entra-emulator";
import * as expressSample from "@agent-auth/express-sample";
import * as fastifySample from "@agent-auth/fastify-sample";
import * as nestjsSample from "@agent-auth/nestjs-sample";
import { printOutcome } from "./print-outcome.js";
import { runScenario } from "./run-scenario.js";
import { scenarios } from "./scenarios.js";

const samples = { express: expressSample, fastify: fastifySample, nestjs: nestjsSample } as const;

const { values, positionals } = parseArgs({
  options: { keep: { type: "boolean", default: false } },
  allowPositionals: true,
});
const wanted = positionals.length === 0 ? Object.keys(samples) : positionals;
let failures = 0;

for (const name of wanted) {
  if (!Object.hasOwn(samples, name)) {
    console.error(`There is no sample "${name}". There are: ${Object.keys(samples).join(", ")}.`);
    process.exit(2);
  }
  failures += await demonstrate(name as keyof typeof samples);
}

if (failures > 0) console.error(`${failures} of the demo's requests did not go as expected.`);
process.exitCode = failures > 0 ? 1 : 0;

/** Starts an emulator and a sample, drives it, and tells how many requests did not go as expected. */
async function demonstrate(name: keyof typeof samples): Promise<number> {
  const emulator = await startEmulator();
  const [agentUser] = emulator.agentUsers;
  if (agentUser === undefined) throw new Error("the emulator's directory has no agent user");
  const legs: LegEvent[] = [];
  const auth = createAgentAuth({
    ...loadOptions({
      env: { ...emulator.env, AzureAd__AgentIdentity: agentUser.agentIdentity },
      directory: import.meta.dirname,
    }),
    onLeg: (leg) => legs.push(leg),
  });
  const sample = await samples[name].startSample(auth, agentUser, 0);
  console.log(`${name}-sample at ${sample.url}, Entra emulator at ${emulator.url}\n`);

  const tokens = new Map<string, string>();
  let failed = 0;
  for (const scenario of scenarios(emulator)) {
    const outcome = await runScenario(scenario, { url: sample.url, emulator, legs, tokens });
    console.log(`${printOutcome(outcome)}\n`);
    if (outcome.differences.length > 0) failed += 1;
  }

  const stop = async () => {
    await sample.close();
    await Promise.all([auth.close(), emulator.close()]);
  };
  if (!values.keep) {
    await stop();
    return failed;
  }
  console.log(keepMessage(sample.url, emulator.url));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return failed;
}

function keepMessage(sampleUrl: string, emulatorUrl: string): string {
  const mint = (kind: string) =>
    `curl -s ${emulatorUrl}/_emulator/tokens -H 'content-type: application/json' -d '{"kind":"${kind}"}' | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/'`;
  return `Everything keeps running until Ctrl+C. Try:
  USER_TOKEN=$(${mint("user")})
  APP_TOKEN=$(${mint("app")})
  curl ${sampleUrl}/api/profile -H "Authorization: Bearer $USER_TOKEN"
  curl '${sampleUrl}/api/messages?top=2' -H "Authorization: Bearer $USER_TOKEN"
  curl ${sampleUrl}/api/agent/users -H "Authorization: Bearer $APP_TOKEN"
  curl ${sampleUrl}/api/agent/mailbox -H "Authorization: Bearer $APP_TOKEN"
  curl -i ${sampleUrl}/api/profile
  curl ${emulatorUrl}/_emulator/requests
`;
}
