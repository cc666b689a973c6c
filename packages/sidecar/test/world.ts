import { type Answer, type SendOptions, send } from "@agent-auth/adapter-contract";
import { type DirectoryInput, type Emulator, startEmulator } from "@agent-auth/entra-emulator/testing";
import { createSidecar, loadSidecarOptions, type SidecarOptions } from "../src/index.js";
import { type Downstream, startDownstream } from "./downstream.js";

/** An emulator, a downstream API and a sidecar in front of them, each on a free port. */
export interface World {
  readonly emulator: Emulator;
  readonly downstream: Downstream;
  readonly url: string;
  /** Lines that the sidecar logged. */
  readonly log: string[];
  /** Sends a request to the sidecar: `get("/Validate", token)`. */
  get(path: string, token?: string, options?: SendOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** What a world is made of, besides the defaults. */
export interface WorldOptions {
  /** Variables beside the emulator's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: DirectoryInput;
  /** Changes what the variables say. */
  readonly sidecar?: Partial<SidecarOptions>;
}

/** Starts a world; the sidecar is configured by variables, as the container is. */
export async function startWorld({ env = {}, directory, sidecar: changes = {} }: WorldOptions = {}): Promise<World> {
  const emulator = await startEmulator(directory === undefined ? {} : { directory });
  const downstream = await startDownstream();
  const log: string[] = [];
  const loaded = loadSidecarOptions({
    env: {
      ...emulator.env,
      DownstreamApis__Echo__BaseUrl: downstream.url,
      DownstreamApis__Echo__Scopes__0: "User.Read",
      DownstreamApis__Scopeless__BaseUrl: downstream.url,
      ...env,
    },
    directory: import.meta.dirname,
  });
  // A busy machine takes its time, which is not what is tested.
  const options = { ...loaded, auth: { ...loaded.auth, entraTimeoutMs: 60_000 } };
  const sidecar = createSidecar({ ...options, logStream: { write: (line) => void log.push(line) }, ...changes });
  const url = await sidecar.listen({ port: 0 });
  return {
    emulator,
    downstream,
    url,
    log,
    get: (path, token, options = {}) =>
      send(`${url}${path}`, {
        ...options,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...options.headers },
      }),
    close: async () => {
      await sidecar.close();
      await Promise.all([emulator.close(), downstream.close()]);
    },
  };
}

/** The claims of the token in an answer of `/AuthorizationHeader`. */
export function claimsOf(answer: Answer): Record<string, unknown> {
  const header = String(answer.json().authorizationHeader);
  const [, payload = ""] = header.replace(/^Bearer /, "").split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
}

/** What the echoing downstream API was sent, by an answer of `/DownstreamApi`. */
export function echoed(answer: Answer): {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
} {
  return JSON.parse(String(answer.json().content));
}
