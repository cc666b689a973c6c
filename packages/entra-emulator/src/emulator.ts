import type { AddressInfo } from "node:net";
import { type Clock, createClock } from "./clock.js";
import type { EmulatorContext } from "./context.js";
import { type CallerKind, type MintOptions, mint } from "./control/mint.js";
import { createRecorder } from "./control/recorder.js";
import type { RecordedResourceRequest, RecordedTokenRequest } from "./control/records.js";
import { describeEmulator, type EmulatorDescription } from "./description.js";
import { defaultDirectory } from "./directory/default-directory.js";
import { Directory } from "./directory/directory.js";
import type { DirectoryInput } from "./directory/schema.js";
import { createKeyRing } from "./keys/key-ring.js";
import { createServer } from "./server.js";
import { createReplays } from "./token/replays.js";

/** How an emulator starts. */
export interface EmulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. Beyond loopback the signing keys are generated rather than the well-known ones. */
  readonly host?: string;
  /** Default: `defaultDirectory`. */
  readonly directory?: DirectoryInput;
  /** Where the time comes from. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** A running emulator. */
export interface Emulator extends EmulatorDescription {
  /** The description alone, as the command prints it. */
  describe(): EmulatorDescription;
  /**
   * Mints an access token for any kind of caller.
   *
   * @throws {MintError} when the directory lacks what the token would name
   */
  mint(kind: CallerKind, options?: MintOptions): Promise<string>;
  /** Token requests as they came, oldest first; the last 1000. */
  readonly requests: readonly RecordedTokenRequest[];
  /** Requests to `/graph/v1.0` as they came, oldest first, with the claims of the token each carried; the last 1000. */
  readonly resourceRequests: readonly RecordedResourceRequest[];
  /** Forgets both lists. */
  clearRequests(): void;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Starts a local Entra ID with a Graph-like resource.
 *
 * @throws {DirectoryError} when the directory is not valid
 * @throws the listening error of Node (`EADDRINUSE` and the like)
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, host = "127.0.0.1", clock = createClock() } = options;
  const directory = Directory.from(options.directory ?? defaultDirectory);
  const keys = await createKeyRing(isLoopback(host) ? "development" : "generated");
  let url = "";
  const context: EmulatorContext = {
    directory,
    clock,
    keys,
    replays: createReplays(clock),
    tokenRequests: createRecorder<RecordedTokenRequest>(),
    resourceRequests: createRecorder<RecordedResourceRequest>(),
    get url() {
      return url;
    },
  };
  const server = await createServer(context);
  await server.listen({ port, host });
  url = `http://${urlHost(host)}:${(server.server.address() as AddressInfo).port}`;

  const description = describeEmulator(context);
  return {
    ...description,
    describe: () => description,
    mint: (kind, mintOptions) => mint(context, kind, mintOptions),
    requests: context.tokenRequests.entries,
    resourceRequests: context.resourceRequests.entries,
    clearRequests() {
      context.tokenRequests.clear();
      context.resourceRequests.clear();
    },
    close: () => server.close(),
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The host as a URL writes it; a wildcard address is reachable on loopback. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
