import { createSidecar, loadSidecarOptions, tuneProcess } from "@agent-auth/sidecar";

tuneProcess(); // where the process does nothing else: evens out its throughput
const sidecar = createSidecar({
  ...loadSidecarOptions(), // as the container reads them
  allowOverrides: { callDownstreamApi: false },
  metrics: true,
});
await sidecar.listen({ port: 0 });
process.once("SIGTERM", sidecar.close);
