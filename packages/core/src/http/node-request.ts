import type { IncomingMessage, ServerResponse } from "node:http";
import type { InboundRequest } from "../token/authenticator.js";

/**
 * A request of Node's `http` as `authenticate(headers, request)` takes it: its method, the URL that the client sent, and
 * a signal that fires when the client goes away before its answer was finished. Each is looked at when it is asked for,
 * because most requests need none. For adapters of frameworks that are built on Node's `http`.
 * @param response absent where there is none to watch; then there is no signal
 */
export function nodeRequest(request: IncomingMessage, response?: ServerResponse): InboundRequest {
  return new NodeRequest(request, response);
}

class NodeRequest implements InboundRequest {
  readonly #request: IncomingMessage & { readonly originalUrl?: string };
  readonly #response: ServerResponse | undefined;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse | undefined) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string | undefined {
    return this.#request.method;
  }

  /** Frameworks that change `url` while they route keep the first one beside it. */
  get url(): string | undefined {
    return this.#request.originalUrl ?? this.#request.url;
  }

  get signal(): AbortSignal | undefined {
    if (this.#response !== undefined) this.#signal ??= disconnectSignal(this.#response);
    return this.#signal;
  }
}

function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abortUnlessFinished = () => {
    if (!response.writableEnded) controller.abort();
  };
  if (response.closed) abortUnlessFinished();
  else response.once("close", abortUnlessFinished);
  return controller.signal;
}
