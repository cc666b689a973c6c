import type { TokenCredentialLike } from "../../options/client-credential.js";
import { accessTokenOf } from "../cache/cached-token.js";
import type { ManagedIdentity } from "./managed-identity.js";

/** Milliseconds for one token. */
const budgetMs = 5_000;

/** The managed identity as the credential that the clients of Azure take. */
export function managedIdentityTokenCredential(
  managedIdentity: ManagedIdentity,
  clientId: string | undefined,
): TokenCredentialLike {
  return {
    getToken: async (scopes) => {
      const scope = typeof scopes === "string" ? scopes : (scopes[0] ?? "");
      const issued = await managedIdentity.request({ resource: scope.replace(/\/\.default$/, ""), clientId }, budgetMs);
      return { token: accessTokenOf(issued), expiresOnTimestamp: issued.expiresAtMs };
    },
  };
}
