import type { DirectoryInput } from "./schema.js";
import { GRAPH_URI } from "./well-known.js";

const tenant = "7e4a0000-0000-4000-8000-000000000001";
const blueprint = "b1000000-0000-4000-8000-000000000001";
const agents = ["a9e00000-0000-4000-8000-000000000001", "a9e00000-0000-4000-8000-000000000002"] as const;
const clientApp = "c11e0000-0000-4000-8000-000000000001";
const managedIdentity = {
  clientId: "3a000000-0000-4000-8000-000000000001",
  principalId: "3a000000-0000-4000-8000-0000000000aa",
};

/**
 * The directory an emulator starts with when it is given none: one tenant, one blueprint with a secret, two agent
 * identities, one agent user, two people, one ordinary client application, a managed identity and a service account that
 * the blueprint trusts, and Microsoft Graph. The GUIDs never change.
 */
export const defaultDirectory: DirectoryInput = {
  tenants: [{ id: tenant, domain: "contoso.example", displayName: "Contoso" }],
  applications: [
    {
      tenant,
      clientId: clientApp,
      objectId: "5b000000-0000-4000-8000-000000000002",
      displayName: "Contoso Portal",
      secrets: [{ value: "emulator-client-app-secret" }],
      redirectUris: ["http://localhost:3000/callback", "http://localhost:5173/"],
    },
  ],
  blueprints: [
    {
      tenant,
      clientId: blueprint,
      objectId: "5b000000-0000-4000-8000-000000000001",
      displayName: "Contoso Assistant Blueprint",
      secrets: [{ value: "emulator-blueprint-secret" }],
      federatedCredentials: [
        { name: "managed-identity", issuer: `{url}/${tenant}/v2.0`, subject: managedIdentity.principalId },
        {
          name: "workload-identity",
          issuer: "{url}/_workload",
          subject: "system:serviceaccount:agents:assistant",
        },
      ],
      api: { scopes: ["access_as_user", "Tasks.Read"], roles: ["Tasks.Process.All"] },
      inheritablePermissions: [{ resource: GRAPH_URI, scopes: "all" }],
    },
  ],
  agentIdentities: [
    { tenant, clientId: agents[0], blueprint, displayName: "Contoso Assistant 1" },
    { tenant, clientId: agents[1], blueprint, displayName: "Contoso Assistant 2" },
  ],
  agentUsers: [
    {
      tenant,
      id: "a9e50000-0000-4000-8000-000000000001",
      username: "assistant1@contoso.example",
      displayName: "Assistant One",
      agentIdentity: agents[0],
    },
  ],
  users: [
    {
      tenant,
      id: "05e40000-0000-4000-8000-000000000001",
      username: "adele@contoso.example",
      displayName: "Adele Vance",
      givenName: "Adele",
      surname: "Vance",
      jobTitle: "Retail Manager",
    },
    {
      tenant,
      id: "05e40000-0000-4000-8000-000000000002",
      username: "ben@contoso.example",
      displayName: "Ben Walters",
      givenName: "Ben",
      surname: "Walters",
      jobTitle: "Sales Representative",
    },
  ],
  managedIdentities: [
    {
      tenant,
      ...managedIdentity,
      resourceId:
        "/subscriptions/50b00000-0000-4000-8000-000000000001/resourceGroups/contoso/providers/Microsoft.ManagedIdentity/userAssignedIdentities/assistant",
    },
  ],
  delegatedGrants: [
    {
      tenant,
      client: blueprint,
      resource: GRAPH_URI,
      scopes: ["User.Read", "Mail.Read", "Mail.Send", "User.ReadBasic.All"],
    },
    { tenant, client: clientApp, resource: `api://${blueprint}`, scopes: ["access_as_user", "Tasks.Read"] },
    { tenant, client: clientApp, resource: GRAPH_URI, scopes: ["User.Read"] },
  ],
  roleAssignments: [
    { tenant, client: blueprint, resource: GRAPH_URI, roles: ["User.Read.All"] },
    { tenant, client: agents[0], resource: GRAPH_URI, roles: ["User.Read.All"] },
    { tenant, client: clientApp, resource: `api://${blueprint}`, roles: ["Tasks.Process.All"] },
  ],
};
