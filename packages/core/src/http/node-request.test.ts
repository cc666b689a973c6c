import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nodeRequest } from "./node-request.js";

const server = createServer();
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
});

/** Sends a request, and gives what the server has of it, before anybody answered. */
async function exchange(): Promise<{
  client: ReturnType<typeof send>;
  message: IncomingMessage;
  response: ServerResponse;
}> {
  const arrived = once(server, "request") as Promise<[IncomingMessage, ServerResponse]>;
  const client = send({ port: (server.address() as AddressInfo).port, method: "PUT", path: "/orders?page=2" });
  client.on("error", () => undefined);
  client.end();
  const [message, response] = await arrived;
  return { client, message, response };
}

it("tells the method and the URL as the client sent them", async () => {
  const { client, message, response } = await exchange();
  expect(nodeRequest(message, response)).toMatchObject({ method: "PUT", url: "/orders?page=2" });
  // As Express and Fastify do, where they route below a prefix.
  Object.assign(message, { originalUrl: message.url, url: "/?page=2" });
  expect(nodeRequest(message, response).url).toBe("/orders?page=2");
  response.end();
  await once(client, "response");
});

it("watches nothing until the signal is asked for, and then fires when the client goes away", async () => {
  const { client, message, response } = await exchange();
  const watched = response.listenerCount("close");
  const request = nodeRequest(message, response);
  expect(response.listenerCount("close")).toBe(watched);
  const { signal } = request;
  expect(request.signal).toBe(signal);
  const aborted = once(signal as AbortSignal, "abort");
  client.destroy();
  await aborted;
});

it("fires for a client that had gone before the signal was asked for", async () => {
  const { client, message, response } = await exchange();
  const closed = once(response, "close");
  client.destroy();
  await closed;
  expect(nodeRequest(message, response).signal?.aborted).toBe(true);
});

it("does not fire when the answer was finished", async () => {
  const { client, message, response } = await exchange();
  const { signal } = nodeRequest(message, response);
  const closed = once(response, "close");
  client.on("response", (answer) => answer.resume());
  response.end();
  await closed;
  expect(signal?.aborted).toBe(false);
});

it("has no signal where there is no response to watch", async () => {
  const { client, message, response } = await exchange();
  expect(nodeRequest(message).signal).toBeUndefined();
  response.end();
  await once(client, "response");
});
