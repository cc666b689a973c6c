import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthorizationCodes } from "./authorize/codes.js";
import { type Clock, createClock } from "./clock.js";
import type { EmulatorContext } from "./context.js";
import { type CallerKind, type MintOptions, mint } from "./control/mint.js";
import { createRecorder } from "./control/recorder.js";
import type { RecordedResourceRequest, RecordedTokenRequest } from "./control/records.js";
import { describeEmulator, type EmulatorDescription } from "./description.js";
import { defaultDirectory } from "./directory/default-directory.js";
import { Directory } from "./directory/directory.js";
import type { DirectoryInput } from "./directory/schema.js";
import { createFaults, type Faults } from "./faults/faults.js";
import { createRevocations } from "./faults/revocations.js";
import { createKeyRing } from "./keys/key-ring.js";
import { type ProjectedToken, type ProjectTokenOptions, projectToken } from "./managed-identity/workload-identity.js";
import { createServer } from "./server.js";
import { createRefreshTokens } from "./token/refresh-tokens.js";
import { createReplays } from "./token/replays.js";

/** How an emulator starts. */
export interface EmulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. Beyond loopback the signing keys are generated rather than the well-known ones. */
  readonly host?: string;
  /** Default: `defaultDirectory`. */
  readonly directory?: DirectoryInput;
  /** Speak https, with a certificate of an authority of its own; its certificate is at `caPath`. Default false. */
  readonly https?: boolean;
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
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /**
   * Signs with a new key from now on.
   *
   * @param options `overlap`: keep publishing the keys before it (default true)
   * @returns the new key's id
   */
  rotateKeys(options?: { overlap?: boolean }): Promise<string>;
  /** Moves the emulator's clock by this many seconds. */
  advance(seconds: number): void;
  /** Writes a service account's token into a file, as Kubernetes does for workload identity. */
  projectToken(options: ProjectTokenOptions): Promise<ProjectedToken>;
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
  const { port = 0, host = "127.0.0.1", clock = createClock(), https = false } = options;
  const directory = Directory.from(options.directory ?? defaultDirectory);
  const loopback = isLoopback(host);
  const keys = await createKeyRing(loopback ? "tenants" : "generated");
  const revocations = createRevocations(clock);
  const projected: ProjectedToken[] = [];
  let url = "";
  const context: EmulatorContext = {
    directory,
    clock,
    keys,
    workloadKeys: await createKeyRing(loopback ? "workload" : "generated"),
    replays: createReplays(clock),
    codes: createAuthorizationCodes(clock),
    refreshTokens: createRefreshTokens(clock),
    revocations,
    faults: createFaults({ clock, keys, directory, revocations }),
    tokenRequests: createRecorder<RecordedTokenRequest>(),
    resourceRequests: createRecorder<RecordedResourceRequest>(),
    get url() {
      return url;
    },
  };
  const tls = https ? await prepareTls(host) : undefined;
  const server = await createServer(context, tls ? { https: tls } : {});
  try {
    await server.listen({ port, host });
  } catch (error) {
    await tls?.cleanUp();
    throw error;
  }
  url = `${https ? "https" : "http"}://${urlHost(host)}:${(server.server.address() as AddressInfo).port}`;

  const description = describeEmulator(context, tls?.caPath);
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
    faults: context.faults,
    rotateKeys: ({ overlap = true } = {}) => keys.rotate(overlap),
    advance: (seconds) => clock.advance(seconds),
    async projectToken(projection) {
      const token = await projectToken(context, projection);
      projected.push(token);
      return token;
    },
    async close() {
      for (const token of projected) token.stop();
      await server.close();
      await tls?.cleanUp();
    },
  };
}

async function prepareTls(host: string) {
  const { createServerCertificate } = await import("./https/certificate-authority.js");
  const hosts = [...new Set(["localhost", "127.0.0.1", "::1", host])];
  const { key, cert, ca } = await createServerCertificate(hosts);
  const directory = await mkdtemp(join(tmpdir(), "entra-emulator-"));
  const caPath = join(directory, "ca.pem");
  await writeFile(caPath, ca);
  return { key, cert, caPath, cleanUp: () => rm(directory, { recursive: true, force: true }) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The host as a URL writes it; a wildcard address is reachable on loopback. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
