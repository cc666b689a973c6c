import type { ServerResponse } from "node:http";

/**
 * A signal that fires when the client goes away before its answer was finished, for `authenticate(headers, { signal })`.
 * For adapters of frameworks that are built on Node's `http`.
 */
export function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded) controller.abort();
  });
  return controller.signal;
}
