import { type AgentAuthOptions, loadOptions } from "@agent-auth/core";
import { defaultDirectory, type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { type DownstreamServer, startDownstream } from "./downstream-server.js";

/** Callers of the isolation test. */
export const crowdSize = 20;

/** Everything around the server under test. */
export interface ContractWorld {
  readonly emulator: Emulator;
  readonly downstream: DownstreamServer;
  /** Options that point at both. */
  readonly options: AgentAuthOptions;
  /** Lines that the library logged. */
  readonly log: string[];
  close(): Promise<void>;
}

/** Starts an Entra emulator with a crowd of users, and a downstream API. */
export async function startWorld(): Promise<ContractWorld> {
  const [tenant = { id: "" }] = defaultDirectory.tenants;
  const crowd = Array.from({ length: crowdSize }, (_, index) => ({
    tenant: tenant.id,
    id: `c4030000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    username: `crowd${index}@contoso.example`,
    displayName: `Crowd ${index}`,
  }));
  const emulator = await startEmulator({
    directory: { ...defaultDirectory, users: [...(defaultDirectory.users ?? []), ...crowd] },
  });
  const downstream = await startDownstream();
  const log: string[] = [];
  const note = (line: string) => void log.push(line);
  const fromEnv = loadOptions({ env: emulator.env, directory: import.meta.dirname });
  return {
    emulator,
    downstream,
    log,
    options: {
      ...fromEnv,
      downstreamApis: {
        ...fromEnv.downstreamApis,
        Downstream: { baseUrl: downstream.url, scopes: ["User.Read"] },
        Unreachable: { baseUrl: "http://127.0.0.1:1", scopes: ["User.Read"] },
        Scopeless: { baseUrl: downstream.url },
      },
      resourceMetadata: {
        resource: "https://api.contoso.example/assistant",
        scopesSupported: ["access_as_user"],
        resourceName: "Contoso Assistant",
      },
      logger: { warn: note, error: note },
    },
    close: async () => {
      await Promise.all([emulator.close(), downstream.close()]);
    },
  };
}
