import { once } from "node:events";
import { createAgentAuth } from "@agent-auth/core";
import { describe, expect, it, vi } from "vitest";
import { send } from "../client.js";
import type { Running } from "../describe-adapter.js";
import { streamedBytes } from "../downstream-server.js";
import { crowdSize } from "../world.js";

/** Many requests at once, long ones, and the end. */
export function describeLifetime(of: () => Running): void {
  describe("lifetime", () => {
    it(`never mixes up callers: 200 requests of ${crowdSize} at once`, async () => {
      const { url, world } = of();
      const users = world.emulator.users.slice(-crowdSize);
      const tokens = await Promise.all(users.map(({ id }) => world.emulator.mint("user", { user: id })));
      world.emulator.clearRequests();
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const answer = await send(`${url}/operations/profile`, {
            headers: { authorization: `Bearer ${tokens[index % crowdSize]}` },
          });
          const { id } = users[index % crowdSize] ?? { id: "" };
          expect(answer.json()).toMatchObject({ caller: { userId: id }, profile: { id }, header: "Bearer " });
        }),
      );
      // One on-behalf-of request per caller: the others shared it or found it cached.
      expect(world.emulator.requests).toHaveLength(crowdSize);
    });

    it("streams a downstream answer through", async () => {
      const { url, world } = of();
      const response = await fetch(`${url}/stream`, {
        headers: { authorization: `Bearer ${await world.emulator.mint("user")}`, connection: "close" },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += chunk.byteLength;
      expect(bytes).toBe(streamedBytes);
    });

    it("aborts the downstream call when the client goes away", async () => {
      const { url, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      world.log.length = 0;
      const held = once(world.downstream.events, "waiting");
      const client = new AbortController();
      const pending = send(`${url}/operations/downstream-holds`, { headers, signal: client.signal });
      await held;
      const aborted = once(world.downstream.events, "aborted");
      client.abort();
      await expect(pending).rejects.toThrow();
      await aborted;
      expect(world.log).toEqual([]);
    });

    it("aborts a downstream answer that is being streamed when the client goes away", async () => {
      const { url, world } = of();
      const client = new AbortController();
      const aborted = once(world.downstream.events, "aborted");
      const response = await fetch(`${url}/stream-endless`, {
        headers: { authorization: `Bearer ${await world.emulator.mint("user")}`, connection: "close" },
        signal: client.signal,
      });
      await response.body?.getReader().read();
      client.abort();
      await aborted;
    });

    it("answers what is under way when it closes, and leaves no open handle", async () => {
      const { start, world } = of();
      const headers = { authorization: `Bearer ${await world.emulator.mint("user")}` };
      const before = openHandles();
      const auth = createAgentAuth(world.options);
      const server = await start(auth);
      const held = once(world.downstream.events, "waiting");
      const pending = send(`${server.url}/operations/downstream-holds`, { headers });
      await held;
      const closing = server.close();
      world.downstream.events.emit("release");
      expect((await pending).json()).toEqual({ released: true });
      await closing;
      await expect(send(`${server.url}/public`)).rejects.toThrow(/ECONNREFUSED/);
      // The instance is the application's own, and so outlives the server.
      expect((await auth.authenticate(headers)).caller.kind).toBe("user");
      await auth.close();
      await vi.waitFor(() => expect(openHandles()).toBeLessThanOrEqual(before), { timeout: 20_000 });
    });
  });
}

/** Listening servers and connections. Timers come and go with the test runner's own. */
function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;
}
