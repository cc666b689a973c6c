import { randomUUID } from "node:crypto";

/** An error of Microsoft Graph, with its own code and status. */
export class GraphError extends Error {
  override name = "GraphError";
  readonly status: number;
  readonly code: string;
  /** A `WWW-Authenticate` header to send along. */
  readonly challenge: string | undefined;

  constructor(status: number, code: string, message: string, challenge?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.challenge = challenge;
  }
}

/**
 * The JSON body of a Graph error.
 *
 * @param now milliseconds since the epoch
 * @see https://learn.microsoft.com/graph/errors
 */
export function toGraphErrorBody(error: GraphError, now: number) {
  const requestId = randomUUID();
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        date: new Date(now).toISOString().slice(0, 19),
        "request-id": requestId,
        "client-request-id": requestId,
      },
    },
  };
}
