import { createSidecar, loadSidecarOptions } from "@agent-auth/sidecar";

const sidecar = createSidecar({
  ...loadSidecarOptions(), // as the container reads them
  allowOverrides: { callDownstreamApi: false },
  metrics: true,
});
await sidecar.listen({ port: 0 });
process.once("SIGTERM", sidecar.close);
