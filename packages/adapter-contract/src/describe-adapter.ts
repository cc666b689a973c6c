import { type AgentAuth, type AgentAuthOptions, createAgentAuth } from "@agent-auth/core";
import { afterAll, beforeAll, describe } from "vitest";
import { describeAuthentication } from "./suites/authentication.js";
import { describeErrors } from "./suites/errors.js";
import { describeGuards } from "./suites/guards.js";
import { describeHttp } from "./suites/http.js";
import { describeLifetime } from "./suites/lifetime.js";
import { type ContractWorld, startWorld } from "./world.js";

/** A server of the framework, listening. */
export interface RunningServer {
  /** For instance `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Stops it gracefully: requests under way are answered first. */
  close(): Promise<void>;
}

/** Where frameworks differ by their nature, and the contract lets them. */
export interface AdapterTraits {
  /** Whether a request without a token for a route that does not exist is refused (401) rather than not found (404). */
  readonly protectsUnknownRoutes: boolean;
  /** Whether a request is authenticated before its body is read, so that an anonymous one with a broken body gets 401. */
  readonly authenticatesBeforeBody: boolean;
  /** Whether a guard authenticates by itself, so that one without authentication cannot be written. */
  readonly guardsAuthenticate: boolean;
  /** Whether the host joins headers of one name before the adapter sees them, as WHATWG `Headers` do. Default false. */
  readonly joinsHeaders?: boolean;
}

/** An adapter, as the contract sees it. */
export interface AdapterUnderTest extends AdapterTraits {
  /**
   * Starts a server on a free port of the loopback interface, with the routes that README.md lists, written as an
   * application of that framework would.
   * @param world what is around it, for whoever puts something between the instance and the application
   */
  start(auth: AgentAuthOptions | AgentAuth, world: ContractWorld): Promise<RunningServer>;
}

/** What the parts of the suite share: the world, the instance under the server, and the server's address. */
export interface Running extends AdapterTraits {
  readonly world: ContractWorld;
  readonly auth: AgentAuth;
  readonly url: string;
  start(auth: AgentAuthOptions | AgentAuth): Promise<RunningServer>;
}

/** Defines the vitest suite that holds an adapter to the contract. */
export function describeAdapter(name: string, adapter: AdapterUnderTest): void {
  describe(name, () => {
    let running: Running;
    let server: RunningServer;
    beforeAll(async () => {
      const world = await startWorld();
      const auth = createAgentAuth(world.options);
      server = await adapter.start(auth, world);
      running = { ...adapter, start: (other) => adapter.start(other, world), world, auth, url: server.url };
    });
    afterAll(async () => {
      await server?.close();
      await running?.auth.close();
      await running?.world.close();
    });
    const of = () => running;
    describeAuthentication(of);
    describeGuards(of);
    describeErrors(of);
    describeHttp(of);
    describeLifetime(of);
  });
}
