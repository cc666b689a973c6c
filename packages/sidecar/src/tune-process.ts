import { setFlagsFromString } from "node:v8";

/**
 * For a process that does nothing but serve a sidecar; `agent-auth sidecar` does it by itself. Call it before the first
 * request. Keeps V8 from putting what it makes for each request straight into the old generation, as it does for good in
 * some processes whose first requests wait for Entra together: those lose a quarter of their throughput to the collector.
 * @see https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export function tuneProcess(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
