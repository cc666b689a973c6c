import type { FastifyRequest } from "fastify";
import { type AgentParameters, agentParameterNames, readAgent } from "./agent-parameters.js";
import { gatedPrefixes, type Overrides, readOverrides } from "./overrides.js";
import { Parameters } from "./parameters.js";

/** What a request says about how to act and what to override. */
export interface Selection extends Overrides, AgentParameters {}

/**
 * Reads the query of a request. Behind a closed gate what it says is ignored, and the log tells the names.
 * @throws SidecarError `parameter_invalid`, `parameter_unsupported`
 */
export function selectionOf(request: FastifyRequest, allowed: boolean): Selection {
  const parameters = Parameters.of(request.query);
  if (allowed) return { ...readOverrides(parameters), ...readAgent(parameters) };
  const ignored = parameters.namesWith([...gatedPrefixes, ...agentParameterNames]);
  if (ignored.length > 0) {
    request.log.warn({ ignored }, "overrides are not allowed on this route, so they were ignored");
  }
  return { ...readOverrides(Parameters.none), ...readAgent(Parameters.none) };
}
