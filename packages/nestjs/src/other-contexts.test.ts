import "reflect-metadata";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type ContractWorld, send, startWorld } from "@agent-auth/adapter-contract";
import type { RequestAuth } from "@agent-auth/core";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import { type INestApplication, Module, UseGuards } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { GraphQLModule, Query, Resolver } from "@nestjs/graphql";
import { WsAdapter } from "@nestjs/platform-ws";
import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  AgentAuth,
  AgentAuthGuard,
  AgentAuthModule,
  DenyAgents,
  OptionalAuth,
  RequireAgent,
  RequireScopes,
} from "./index.js";

@Resolver()
class WhoResolver {
  @Query("me")
  @RequireScopes("access_as_user")
  me(@AgentAuth("caller") caller: RequestAuth["caller"]) {
    return caller.kind;
  }
  @Query("name")
  @RequireScopes("access_as_user")
  async name(@AgentAuth() auth: RequestAuth) {
    return (await auth.callDownstream("Graph", "/me").json<{ displayName: string }>()).displayName;
  }
  @Query("anyone")
  @OptionalAuth()
  anyone(@AgentAuth() auth: RequestAuth | undefined) {
    return auth?.caller.kind ?? "nobody";
  }
  @Query("broken")
  @RequireScopes("access_as_user")
  broken(@AgentAuth() auth: RequestAuth) {
    return auth.headerFor("Scopeless");
  }
}

@UseGuards(AgentAuthGuard)
@WebSocketGateway({ transports: ["websocket"] })
class WhoGateway {
  @SubscribeMessage("me")
  me(@AgentAuth("caller") caller: RequestAuth["caller"]) {
    return { event: "me", data: caller.kind };
  }
  @SubscribeMessage("agents")
  @RequireAgent()
  agents() {
    return { event: "agents", data: "welcome" };
  }
  @SubscribeMessage("broken")
  @DenyAgents()
  broken(@AgentAuth() auth: RequestAuth) {
    return auth.headerFor("Scopeless");
  }
}

@Module({})
class TestModule {}

let world: ContractWorld;
let app: INestApplication;
let url: string;
beforeAll(async () => {
  world = await startWorld();
  const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    typeDefs: "type Query { me: String, name: String, anyone: String, broken: String }",
  });
  app = await NestFactory.create(
    {
      module: TestModule,
      imports: [AgentAuthModule.forRoot(world.options), graphql],
      providers: [WhoResolver, WhoGateway],
    },
    { logger: false },
  );
  await app.listen(0, "127.0.0.1");
  url = await app.getUrl();
});
afterAll(async () => {
  await app?.close();
  await world?.close();
});

const bearer = async (...mint: Parameters<ContractWorld["emulator"]["mint"]>) => ({
  authorization: `Bearer ${await world.emulator.mint(...mint)}`,
});

describe("GraphQL", () => {
  const query = async (text: string, headers = {}) => {
    const answer = await send(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query: text }),
    });
    return answer.json() as {
      data: Record<string, unknown> | null;
      errors?: { message: string; extensions: { code: string; originalError?: unknown } }[];
    };
  };

  it("gives a resolver the caller of the request, and calls downstream for them", async () => {
    const { data, errors } = await query("{ me name anyone }", await bearer("user"));
    expect(errors).toBeUndefined();
    expect(data).toEqual({ me: "user", name: "Adele Vance", anyone: "user" });
  });

  it("refuses one resolver and serves the other", async () => {
    const { data, errors } = await query("{ me anyone }");
    expect(data).toEqual({ me: null, anyone: "nobody" });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "UNAUTHENTICATED",
      originalError: { code: "authorization_missing" },
    });
  });

  it("answers a missing scope and an error in a resolver with their codes", async () => {
    const refused = await query("{ me }", await bearer("user", { scopes: ["Tasks.Read"] }));
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "FORBIDDEN",
      originalError: { code: "insufficient_scope" },
    });
    const broken = await query("{ broken }", await bearer("user"));
    expect(broken.errors?.[0]?.extensions).toMatchObject({ originalError: { code: "service_scopes_missing" } });
  });
});

describe("WebSocket gateway on Socket.IO", () => {
  async function ask(message: string, headers: Record<string, string>): Promise<[event: string, data: unknown]> {
    const socket: Socket = io(url, { transports: ["websocket"], extraHeaders: headers, reconnection: false });
    try {
      return await new Promise((resolve, reject) => {
        socket.onAny((event, data) => resolve([event, data]));
        socket.on("connect_error", reject);
        socket.emit(message, {});
      });
    } finally {
      socket.disconnect();
    }
  }

  it("gives a message's handler the caller of the handshake", async () => {
    expect(await ask("me", await bearer("agent"))).toEqual(["me", "agent"]);
    expect(await ask("agents", await bearer("agent"))).toEqual(["agents", "welcome"]);
  });

  it("refuses with an exception that Nest's own filter sends", async () => {
    expect(await ask("me", {})).toMatchObject(["exception", { code: "authorization_missing", status: 401 }]);
    expect(await ask("agents", await bearer("user"))).toMatchObject(["exception", { code: "agent_required" }]);
  });

  it("sends an error of a handler as the problem that it is", async () => {
    expect(await ask("broken", await bearer("user"))).toMatchObject(["exception", { code: "service_scopes_missing" }]);
  });
});

describe("WebSocket gateway on ws", () => {
  @WebSocketGateway({ path: "/ws" })
  class PlainGateway {
    handleConnection(client: { request?: IncomingMessage }, request: IncomingMessage) {
      client.request = request;
    }
    @SubscribeMessage("agents")
    @RequireAgent()
    agents(@AgentAuth("caller") caller: RequestAuth["caller"]) {
      return { event: "agents", data: caller.kind };
    }
  }

  it("checks each message against the token of the handshake", async () => {
    const nest = await NestFactory.create(
      { module: TestModule, imports: [AgentAuthModule.forRoot(world.options)], providers: [PlainGateway] },
      { logger: false },
    );
    nest.useWebSocketAdapter(new WsAdapter(nest));
    await nest.listen(0, "127.0.0.1");
    const address = `${(await nest.getUrl()).replace("http:", "ws:")}/ws`;
    try {
      for (const [kind, event, data] of [
        ["agent-user", "agents", "agent-user"],
        ["user", "exception", expect.objectContaining({ code: "agent_required" })],
      ] as const) {
        const socket = new WebSocket(address, { headers: await bearer(kind) });
        await once(socket, "open");
        socket.send('{"event":"agents","data":{}}');
        const [message] = (await once(socket, "message")) as [Buffer];
        expect(JSON.parse(message.toString())).toEqual({ event, data });
        socket.close();
        await once(socket, "close");
      }
    } finally {
      await nest.close();
    }
  });
});
