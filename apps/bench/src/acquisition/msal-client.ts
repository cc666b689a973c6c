import { ConfidentialClientApplication, type INetworkModule, type NetworkResponse } from "@azure/msal-node";
import { clientId, tenantId } from "../tokens.js";
import type { LocalEntra } from "./token-endpoint.js";

/** The authority that {@link msalClient} asks. */
export const msalAuthority = `https://127.0.0.1/${tenantId}`;

/** A client of msal-node, told the metadata that it would fetch, with a network of the benchmark's own. */
export function msalClient(entra: Pick<LocalEntra, "fetch">): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: msalAuthority,
      knownAuthorities: ["127.0.0.1"],
      clientSecret: "secret",
      authorityMetadata: JSON.stringify({
        authorization_endpoint: `${msalAuthority}/oauth2/v2.0/authorize`,
        token_endpoint: `${msalAuthority}/oauth2/v2.0/token`,
        issuer: `${msalAuthority}/v2.0`,
        jwks_uri: `${msalAuthority}/keys`,
      }),
    },
    system: { networkClient: networkClient(entra), disableInternalRetries: true },
  });
}

/** msal-node on the same `fetch`. */
function networkClient(entra: Pick<LocalEntra, "fetch">): INetworkModule {
  const send = async <T>(method: string, url: string, body?: string): Promise<NetworkResponse<T>> => {
    const response = await entra.fetch(url, { method, body: body ?? null });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: (await response.json()) as T };
  };
  return {
    sendGetRequestAsync: (url) => send("GET", url),
    sendPostRequestAsync: (url, options) => send("POST", url, options?.body),
  };
}
