import type { Clock } from "../../clock.js";
import type { ManagedIdentityAssertionCredential } from "../../options/client-credential.js";
import { accessTokenOf } from "../cache/cached-token.js";
import type { ManagedIdentity } from "../managed-identity/managed-identity.js";
import { AssertionMemo } from "./assertion-memo.js";
import type { CredentialSource } from "./credential-source.js";

/** What Entra expects in `aud` of a federated assertion. */
const tokenExchange = "api://AzureADTokenExchange";

/** The machine's managed identity, trusted by a federated credential of the app: its token is the assertion. */
export function managedIdentityAssertionSource(
  options: ManagedIdentityAssertionCredential,
  { managedIdentity, clock }: { readonly managedIdentity: ManagedIdentity; readonly clock: Clock },
): CredentialSource {
  const { sourceType, managedIdentityClientId: clientId, tokenExchangeUrl: resource = tokenExchange } = options;
  const memo = new AssertionMemo(clock);
  return {
    kind: sourceType,
    load: async ({ budgetMs }) => ({
      clientAssertion: await memo.get(resource, async () =>
        accessTokenOf(await managedIdentity.request({ resource, clientId }, budgetMs)),
      ),
    }),
    forget: () => memo.clear(),
  };
}
