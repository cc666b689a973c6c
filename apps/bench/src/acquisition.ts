import { cachedHeader } from "./acquisition/cached-header.js";
import { coldCalls } from "./acquisition/cold-calls.js";
import { exchangeCost } from "./acquisition/exchange-cost.js";
import { printTable } from "./measure.js";

/** `pnpm bench acquisition`: what a cached token costs, in time and memory, and what a cold one costs. */
export async function acquisition(): Promise<void> {
  printTable("Requests to the token endpoint", await coldCalls());
  printTable("A cold exchange, beside msal-node's own", await exchangeCost());
  printTable("A cached headerFor() on behalf of a user, and what 100,000 cached tokens take", await cachedHeader());
}
