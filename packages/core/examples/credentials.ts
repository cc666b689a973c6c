import { type ClientCredential, createAgentAuth, loadOptions } from "@agent-auth/core";

/** Tried in order: the first that loads is used, and when none does, the error says why for each. */
const clientCredentials: ClientCredential[] = [
  // On Azure: no secret at all. A federated credential of the blueprint trusts the managed identity.
  { sourceType: "SignedAssertionFromManagedIdentity" },
  // On Kubernetes: the file that AZURE_FEDERATED_TOKEN_FILE names, read again as it rotates.
  { sourceType: "SignedAssertionFilePath" },
  // A certificate on disk, PFX or PEM; a new file is taken up without a restart.
  {
    sourceType: "Path",
    certificateDiskPath: "/etc/agent/blueprint.pfx",
    certificatePassword: process.env.PFX_PASSWORD,
  },
  // A certificate of Key Vault; needs @azure/keyvault-secrets beside this package.
  { sourceType: "KeyVault", keyVaultUrl: "https://contoso.vault.azure.net", keyVaultCertificateName: "blueprint" },
  // Your own signer: asked when an assertion is needed and the last one is near its end.
  { sourceType: "SignedAssertion", getAssertion: ({ clientId, audience }) => signElsewhere(clientId, audience) },
];

export const agentAuth = createAgentAuth({ ...loadOptions(), clientCredentials });

async function signElsewhere(issuer: string, audience: string): Promise<string> {
  const answer = await fetch("http://127.0.0.1:8200/sign", {
    method: "POST",
    body: JSON.stringify({ issuer, audience }),
  });
  return answer.text();
}
