import type { EmulatorContext } from "./context.js";
import { appIdUriOf } from "./directory/directory.js";

/** What an application needs to know to use an emulator; the one line that the command prints with `--json`. */
export interface EmulatorDescription {
  readonly url: string;
  readonly tenantId: string;
  /** The first blueprint of the directory. */
  readonly blueprint: { readonly clientId: string; readonly clientSecret: string; readonly appIdUri: string };
  readonly agentIdentities: readonly { readonly clientId: string }[];
  readonly agentUsers: readonly { readonly id: string; readonly username: string; readonly agentIdentity: string }[];
  readonly users: readonly { readonly id: string; readonly username: string }[];
  /** The first ordinary application of the directory. */
  readonly clientApp: { readonly clientId: string; readonly clientSecret: string };
  /** Environment variables that point an application at this emulator. */
  readonly env: Readonly<Record<string, string>>;
  /** With https: the file to trust, for `NODE_EXTRA_CA_CERTS` and the like. */
  readonly caPath?: string;
}

/** Describes an emulator by its directory. What the directory lacks is an empty string. */
export function describeEmulator({ directory, url }: EmulatorContext, caPath?: string): EmulatorDescription {
  const [blueprint] = directory.blueprints;
  const [clientApp] = directory.applications;
  const tenantId = blueprint?.tenant ?? directory.tenants[0]?.id ?? "";
  const clientSecret = blueprint?.secrets[0]?.value ?? "";
  return {
    url,
    tenantId,
    blueprint: {
      clientId: blueprint?.clientId ?? "",
      clientSecret,
      appIdUri: blueprint ? appIdUriOf(blueprint) : "",
    },
    agentIdentities: directory.agentIdentities.map(({ clientId }) => ({ clientId })),
    agentUsers: directory.agentUsers.map(({ id, username, agentIdentity }) => ({ id, username, agentIdentity })),
    users: directory.users.map(({ id, username }) => ({ id, username })),
    clientApp: { clientId: clientApp?.clientId ?? "", clientSecret: clientApp?.secrets[0]?.value ?? "" },
    env: {
      AzureAd__Instance: `${url}/`,
      AzureAd__TenantId: tenantId,
      AzureAd__ClientId: blueprint?.clientId ?? "",
      AzureAd__ClientCredentials__0__SourceType: "ClientSecret",
      AzureAd__ClientCredentials__0__ClientSecret: clientSecret,
      DownstreamApis__Graph__BaseUrl: `${url}/graph/v1.0`,
      DownstreamApis__Graph__Scopes: "User.Read Mail.Read Mail.Send",
      ...(caPath === undefined ? {} : { NODE_EXTRA_CA_CERTS: caPath }),
    },
    ...(caPath === undefined ? {} : { caPath }),
  };
}
