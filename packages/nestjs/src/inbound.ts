import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegisteredRequestAuth } from "@agent-auth/core";
import type { ExecutionContext } from "@nestjs/common";

/** A request of either platform: Node's own, or with it as `raw`. */
export type InboundMessage = (IncomingMessage | { readonly raw: IncomingMessage }) & {
  agentAuth?: RegisteredRequestAuth;
};

/** A response of either platform. */
type OutboundMessage = ServerResponse | { readonly raw: ServerResponse };

/** The request behind a handler, and its response where there is one. */
export interface Inbound {
  readonly request: InboundMessage;
  readonly response: OutboundMessage | undefined;
}

interface GraphQLContext {
  readonly req?: InboundMessage;
  readonly request?: InboundMessage;
  readonly res?: OutboundMessage;
  readonly reply?: OutboundMessage;
  /** Set by graphql-ws, for subscriptions. */
  readonly extra?: { readonly request?: InboundMessage };
}

/** Finds the request of an HTTP handler, a GraphQL resolver, or the handshake of a WebSocket gateway's client. */
export function inboundOf(context: ExecutionContext): Inbound {
  const type = context.getType<string>();
  if (type === "graphql") {
    const { req, request = req, res, reply = res, extra } = context.getArgByIndex<GraphQLContext>(2);
    return { request: found(request ?? extra?.request, "the GraphQL context has no req"), response: reply };
  }
  if (type === "ws") {
    const { request } = context.switchToWs().getClient<{ readonly request?: InboundMessage }>();
    return { request: found(request, "the client has no request; set it in handleConnection"), response: undefined };
  }
  const http = context.switchToHttp();
  return { request: http.getRequest<InboundMessage>(), response: http.getResponse<OutboundMessage>() };
}

/** Node's own message, on both platforms. */
export function rawOf<Message extends object>(message: Message | { readonly raw: Message }): Message {
  return "raw" in message ? message.raw : message;
}

function found(request: InboundMessage | undefined, problem: string): InboundMessage {
  if (request === undefined) throw new TypeError(`agent-auth finds no request to authenticate: ${problem}`);
  return request;
}
