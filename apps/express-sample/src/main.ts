import { createAgentAuth } from "@agent-auth/core";
import { loadSettings } from "./settings.js";
import { startSample } from "./start-sample.js";

const { options, mailbox, emulator } = await loadSettings();
const auth = createAgentAuth(options);
const sample = await startSample(auth, mailbox, Number(process.env.PORT ?? 3000));
console.log(`express-sample listens on ${sample.url}`);
if (emulator !== undefined) {
  console.log(`No AzureAd__ClientId is set, so a local Entra emulator runs at ${emulator.url}. Try:
  TOKEN=$(curl -s ${emulator.url}/_emulator/tokens -H 'content-type: application/json' -d '{"kind":"user"}' | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl ${sample.url}/api/profile -H "Authorization: Bearer $TOKEN"`);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

async function stop(): Promise<void> {
  await sample.close();
  await Promise.all([auth.close(), emulator?.close()]);
}
