import { type Contender, median, type Row } from "../measure.js";
import { createApp } from "./app.js";
import { msalClient } from "./msal-client.js";
import { createLocalEntra, type LocalEntra } from "./token-endpoint.js";

const rounds = 9;
/** So many that most rounds come after the compiler's work, which would weigh as much as the exchanges themselves. */
const count = 1_000;

/** CPU of a cold client-credentials exchange, beside that of msal-node with the same network beneath it. */
export async function exchangeCost(): Promise<Row[]> {
  const entra = createLocalEntra();
  const app = createApp(entra).forApp();
  const contenders: Contender[] = [
    { name: "agent-auth", run: (times) => repeat(times, () => app.headerFor("Graph", { forceRefresh: true })) },
    { name: "msal-node", run: (times) => repeat(times, () => exchangeWithMsal(entra)) },
  ];
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const before = process.cpuUsage();
      await run(count);
      const { user, system } = process.cpuUsage(before);
      if (round > 0) samples.get(name)?.push((user + system) / count);
    }
  }
  const [ours = [], msal = []] = [samples.get("agent-auth"), samples.get("msal-node")];
  return [
    {
      what: "CPU, client credentials with a secret",
      value: median(ours) / median(msal),
      bound: { most: 2 },
      note: `agent-auth ${median(ours).toFixed(0)} µs, msal-node ${median(msal).toFixed(0)} µs`,
    },
  ];
}

/** As an app would use msal-node without its cache: a client of its own, told the metadata that it would fetch. */
async function exchangeWithMsal(entra: LocalEntra): Promise<void> {
  const client = msalClient(entra);
  await client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });
}

async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done++) await work();
}
