import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";
import { FaultError, type FaultInput } from "./schema.js";

/** `/_emulator/faults`: script, list and clear faults. */
export function faultRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.post("/_emulator/faults", async (request, reply) => {
    const faults = Array.isArray(request.body) ? request.body : [request.body];
    try {
      for (const fault of faults) await context.faults.add(fault as FaultInput);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      return reply.code(400).send({ error: error.code, message: error.message });
    }
    return reply.code(201).send({ pending: context.faults.pending, clockOffset: context.clock.offset });
  });
  app.get("/_emulator/faults", () => ({ pending: context.faults.pending, clockOffset: context.clock.offset }));
  app.delete("/_emulator/faults", (_request, reply) => {
    context.faults.clear();
    return reply.code(204).send();
  });
}
