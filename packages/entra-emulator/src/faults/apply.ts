import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { EmulatorContext } from "../context.js";
import { GraphError, toGraphErrorBody } from "../graph/graph-error.js";
import { recordTokenRequest } from "../token/record.js";
import { entraTimestamp } from "../token/token-error.js";
import type { FaultEndpoint, ScriptedFault } from "./schema.js";
import { faultTargetOf } from "./target.js";

type StatusFault = Extract<ScriptedFault, { kind: "status" }>;

/** Lets scripted faults hit requests. Must be registered before the routes. */
export function applyFaults(app: FastifyInstance, context: EmulatorContext): void {
  const shaped = new WeakMap<FastifyRequest, ScriptedFault>();

  app.addHook("preHandler", async (request, reply) => {
    const target = faultTargetOf(request);
    const fault = target && context.faults.take(target);
    if (!fault) return undefined;
    switch (fault.kind) {
      case "delay":
        await sleep(fault.milliseconds);
        return undefined;
      case "truncate":
      case "content-type":
        shaped.set(request, fault);
        return undefined;
      case "status":
        record(context, request, target.endpoint, { status: fault.status, fault: fault.kind });
        return sendStatus(context, reply, fault, target.endpoint);
      case "reset":
      case "hang":
        record(context, request, target.endpoint, { status: 0, fault: fault.kind });
        reply.hijack();
        if (fault.kind === "reset") resetConnection(request.raw.socket);
        return reply;
    }
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const fault = shaped.get(request);
    if (fault?.kind === "content-type") {
      reply.header("content-type", fault.contentType);
      return payload;
    }
    if (fault?.kind !== "truncate" || typeof payload !== "string") return payload;
    const bytes = Buffer.from(payload);
    reply.header("content-length", bytes.length);
    return Readable.from(halfOf(bytes));
  });
}

async function* halfOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, Math.floor(bytes.length / 2));
  // Fastify answers a stream that fails after its headers by dropping the connection.
  throw new Error("truncated by a fault");
}

function resetConnection(socket: Socket): void {
  // A TLS socket cannot send a reset of its own; dropping it looks the same to the client.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function record(
  context: EmulatorContext,
  request: FastifyRequest,
  endpoint: FaultEndpoint,
  outcome: { status: number; fault: string },
): void {
  if (endpoint === "token") recordTokenRequest(context, request, outcome);
}

function sendStatus(context: EmulatorContext, reply: FastifyReply, fault: StatusFault, endpoint: FaultEndpoint) {
  reply.code(fault.status);
  if (fault.retryAfter !== undefined) reply.header("retry-after", String(fault.retryAfter));
  return reply.send(fault.body ?? defaultBody(context, fault, endpoint));
}

function defaultBody(context: EmulatorContext, fault: StatusFault, endpoint: FaultEndpoint): object {
  const now = context.clock.now();
  if (endpoint === "graph") {
    const code = fault.status === 429 ? "TooManyRequests" : "ServiceUnavailable";
    return toGraphErrorBody(new GraphError(fault.status, code, "A fault was scripted for this request."), now);
  }
  const aadsts = fault.aadsts ?? (fault.status === 429 ? 50196 : 90033);
  const ids = { trace_id: randomUUID(), correlation_id: randomUUID(), timestamp: entraTimestamp(now) };
  return {
    error: fault.error ?? "temporarily_unavailable",
    error_description: `AADSTS${aadsts}: A fault was scripted for this request. Trace ID: ${ids.trace_id} Correlation ID: ${ids.correlation_id} Timestamp: ${ids.timestamp}`,
    error_codes: [aadsts],
    ...ids,
    ...(fault.claims ? { claims: fault.claims } : {}),
  };
}
