import { type DirectoryInput, startEmulator } from "@agent-auth/entra-emulator";

const tenant = "a0000000-0000-4000-8000-000000000001";
const blueprint = "b0000000-0000-4000-8000-000000000001";

const directory: DirectoryInput = {
  tenants: [{ id: tenant, domain: "fabrikam.example" }],
  blueprints: [
    {
      tenant,
      clientId: blueprint,
      displayName: "Invoices",
      secrets: [{ value: "a secret", expires: "2030-01-01T00:00:00Z" }],
      api: { scopes: ["access_as_user"], roles: ["Invoices.Process.All"] },
      inheritablePermissions: [{ resource: "https://graph.microsoft.com", scopes: "all" }],
    },
  ],
  agentIdentities: [
    { tenant, clientId: "e0000000-0000-4000-8000-000000000001", blueprint, displayName: "Invoices agent" },
  ],
  delegatedGrants: [
    { tenant, client: blueprint, resource: "https://graph.microsoft.com", scopes: ["User.Read", "Mail.Read"] },
  ],
};

export const entra = await startEmulator({ directory });
