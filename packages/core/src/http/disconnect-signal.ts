import type { ServerResponse } from "node:http";

/**
 * A signal that fires when the client goes away before its answer was finished, for `authenticate(headers, { signal })`.
 * It is made when somebody asks for it, because most requests need none. For adapters of frameworks that are built on
 * Node's `http`.
 */
export function disconnectSignal(response: ServerResponse): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    controller ??= watch(response);
    return controller.signal;
  };
}

function watch(response: ServerResponse): AbortController {
  const controller = new AbortController();
  const abortUnlessFinished = () => {
    if (!response.writableEnded) controller.abort();
  };
  if (response.closed) abortUnlessFinished();
  else response.once("close", abortUnlessFinished);
  return controller;
}
