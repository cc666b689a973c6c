import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { NetworkClient } from "../wire/network-client.js";
import { UnreadableResponse } from "../wire/network-client.js";

/** A request to a managed identity endpoint. */
export interface ManagedIdentityRequest {
  /** App id or URI of the resource. */
  readonly resource: string;
  /** Client id (GUID) of a user-assigned identity; `undefined` for the system-assigned one. */
  readonly clientId: string | undefined;
}

/** An endpoint that this machine has. */
export interface ManagedIdentitySource {
  /** For messages. */
  readonly name: string;
  /** Sends the request; the answer is left at the client. */
  send(request: ManagedIdentityRequest, network: NetworkClient): Promise<unknown>;
}

/** Where the agent of Azure Arc puts the keys that it names. */
const defaultArcKeyFolder = "/var/opt/azcmagent/tokens";
const longestArcKey = 4096;

/**
 * The managed identity endpoint of this machine, by the variables that its host sets: App Service and its relatives,
 * Azure Arc, else the Instance Metadata Service of a virtual machine.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export function managedIdentitySource(
  env: Readonly<Record<string, string | undefined>>,
  arcKeyFolder = defaultArcKeyFolder,
): ManagedIdentitySource {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, IMDS_ENDPOINT, AZURE_POD_IDENTITY_AUTHORITY_HOST } = env;
  if (IDENTITY_ENDPOINT && IDENTITY_HEADER) return appService(IDENTITY_ENDPOINT, IDENTITY_HEADER);
  if (IDENTITY_ENDPOINT && IMDS_ENDPOINT) return azureArc(IDENTITY_ENDPOINT, arcKeyFolder);
  return instanceMetadataService(AZURE_POD_IDENTITY_AUTHORITY_HOST || "http://169.254.169.254");
}

function instanceMetadataService(origin: string): ManagedIdentitySource {
  return {
    name: "the Instance Metadata Service",
    send: ({ resource, clientId }, network) => {
      const url = endpoint(new URL("/metadata/identity/oauth2/token", origin), {
        "api-version": "2018-02-01",
        resource,
        client_id: clientId,
      });
      return network.sendGetRequestAsync(url, { headers: { Metadata: "true" } });
    },
  };
}

function appService(address: string, header: string): ManagedIdentitySource {
  return {
    name: "App Service",
    send: ({ resource, clientId }, network) => {
      const url = endpoint(new URL(address), { "api-version": "2019-08-01", resource, client_id: clientId });
      return network.sendGetRequestAsync(url, { headers: { "X-IDENTITY-HEADER": header } });
    },
  };
}

/** Arc proves that the caller may read a file that only the agent's group can: the first answer names it. */
function azureArc(address: string, keyFolder: string): ManagedIdentitySource {
  return {
    name: "Azure Arc",
    send: async ({ resource, clientId }, network) => {
      if (clientId !== undefined) throw new Error("Azure Arc knows the system-assigned identity alone");
      const url = endpoint(new URL(address), { "api-version": "2019-11-01", resource });
      const challenge = await challengeOf(network, url);
      const path = /^Basic realm=(.+)$/i.exec(challenge ?? "")?.[1]?.replace(/^"|"$/g, "");
      if (path === undefined) throw new Error("Azure Arc sent no challenge");
      const secret = await readArcKey(path, keyFolder);
      return network.sendGetRequestAsync(url, { headers: { Metadata: "true", Authorization: `Basic ${secret}` } });
    },
  };
}

async function challengeOf(network: NetworkClient, url: string): Promise<string | undefined> {
  try {
    const { headers } = await network.sendGetRequestAsync(url, { headers: { Metadata: "true" } });
    return headers["www-authenticate"];
  } catch (error) {
    if (error instanceof UnreadableResponse) return error.headers["www-authenticate"];
    throw error;
  }
}

/** The file must be where the Arc agent puts it, so that no answer makes this process read another. */
async function readArcKey(path: string, keyFolder: string): Promise<string> {
  if (dirname(path) !== keyFolder || !basename(path).endsWith(".key")) {
    throw new Error(`Azure Arc named a file outside of ${keyFolder}`);
  }
  const secret = await readFile(path, "utf8");
  if (secret.length > longestArcKey) throw new Error("Azure Arc's key file is too long");
  return secret;
}

function endpoint(url: URL, query: Readonly<Record<string, string | undefined>>): string {
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
