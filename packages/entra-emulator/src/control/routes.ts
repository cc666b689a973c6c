import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";
import { MintError, mint, readMintBody } from "./mint.js";

/** `/_emulator/*`: what a test or a person does to the emulator from outside its process. */
export function controlRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.post("/_emulator/tokens", async (request, reply) => {
    try {
      const { kind, options } = readMintBody(request.body);
      const accessToken = await mint(context, kind, options);
      return { access_token: accessToken, token_type: "Bearer", expires_in: options.expiresIn ?? 3600 };
    } catch (error) {
      if (!(error instanceof MintError)) throw error;
      return reply.code(400).send({ error: error.code, message: error.message });
    }
  });

  const logs = { requests: context.tokenRequests, "resource-requests": context.resourceRequests };
  for (const [name, recorder] of Object.entries(logs)) {
    app.get(`/_emulator/${name}`, (_request, reply) =>
      // The list is bounded, the count is not.
      reply.header("x-total-count", String(recorder.total)).send(recorder.entries),
    );
    app.delete(`/_emulator/${name}`, (_request, reply) => {
      recorder.clear();
      return reply.code(204).send();
    });
  }
}
