import { createSidecar, loadSidecarOptions, tuneProcess } from "@agent-auth/sidecar";
import fastify from "fastify";

// The sidecar, or a bare Fastify with its answers, in a process of its own: `node sidecar-server.js sidecar|bare`. The
// answers of the bare one come by PAYLOADS. Tells its port, and when asked its CPU time; ends with its parent.

const kinds: Readonly<Record<string, () => Promise<string>>> = {
  sidecar: () => createSidecar(loadSidecarOptions()).listen({ port: 0 }),
  bare: () => {
    const payloads = JSON.parse(process.env.PAYLOADS ?? "{}") as Record<string, object>;
    const app = fastify();
    for (const [path, payload] of Object.entries(payloads)) app.get(path, async () => payload);
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
};

// As `agent-auth sidecar` does, and for the bare server just the same.
tuneProcess();
const start = kinds[process.argv[2] ?? ""];
if (start === undefined) throw new Error(`a kind is wanted: ${Object.keys(kinds).join(", ")}`);
process.on("disconnect", () => process.exit());
process.on("message", () => process.send?.({ cpu: process.cpuUsage() }));
process.send?.({ port: Number(new URL(await start()).port) });
