import type { FastifyRequest } from "fastify";
import type { EmulatorContext } from "../context.js";
import type { GraphCaller } from "./graph-caller.js";

/** What the routes of Graph share. */
export interface GraphScope {
  readonly context: EmulatorContext;
  /** The caller of a request; it was validated before any route ran. */
  callerOf(request: FastifyRequest): GraphCaller;
  /** The `@odata.context` of a resource. */
  metadataOf(resource: string): string;
}
