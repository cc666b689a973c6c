import { describeAdapter } from "@agent-auth/adapter-contract";
import { createContractApp } from "../test/contract-app.js";

describeAdapter("Fastify 5", {
  protectsUnknownRoutes: true,
  authenticatesBeforeBody: true,
  guardsAuthenticate: false,
  start: async (auth) => {
    const app = await createContractApp(auth);
    return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
  },
});
