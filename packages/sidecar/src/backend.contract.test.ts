import { describeAdapter } from "@agent-auth/adapter-contract";
import { type AgentAuth, createAgentAuth, isAgentAuth } from "@agent-auth/core";
import { createContractApp } from "../../fastify/test/contract-app.js";
import { createSidecar } from "./index.js";

const open = {
  getAuthorizationHeader: true,
  getAuthorizationHeaderUnauthenticated: true,
  callDownstreamApi: true,
  callDownstreamApiUnauthenticated: true,
};

// The application sees no credential: a sidecar has the instance, and the application has the sidecar's URL.
describeAdapter("Fastify behind a sidecar", {
  protectsUnknownRoutes: true,
  authenticatesBeforeBody: true,
  guardsAuthenticate: false,
  start: async (given, world) => {
    const own = isAgentAuth(given) ? undefined : createAgentAuth(given);
    const auth = own ?? (given as AgentAuth);
    // The sidecar has a log of its own.
    const quiet = createAgentAuth({ ...world.options, logger: { warn: () => {}, error: () => {} } });
    const instance = Object.freeze({ ...auth, answer: quiet.answer });
    const sidecar = createSidecar({ auth: instance, allowOverrides: open, logLevel: "silent" });
    const backend = createAgentAuth({
      sidecarUrl: await sidecar.listen({ port: 0 }),
      instance: world.options.instance,
      tenantId: world.options.tenantId,
      downstreamApis: world.options.downstreamApis,
      resourceMetadata: world.options.resourceMetadata,
      logger: world.options.logger,
    });
    const app = await createContractApp(backend);
    return {
      url: await app.listen({ port: 0, host: "127.0.0.1" }),
      close: async () => {
        await app.close();
        await backend.close();
        await sidecar.close();
        await quiet.close();
        await own?.close();
      },
    };
  },
});
