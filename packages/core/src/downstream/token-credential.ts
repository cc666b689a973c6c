import type { AccessToken, TokenOptions } from "../service-auth.js";

/** What the clients of Azure pass along when they ask for a token. */
export interface GetTokenOptions {
  readonly abortSignal?: AbortSignal | undefined;
  /** A claims request (JSON), as a claims challenge carries it. */
  readonly claims?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** The credential that the clients of Azure and Microsoft Graph take (`TokenCredential` of `@azure/core-auth`). */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: GetTokenOptions,
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number; readonly tokenType: "Bearer" }>;
}

/** A credential over a way to get tokens. */
export function tokenCredential(tokenFor: (options: TokenOptions) => Promise<AccessToken>): TokenCredential {
  return {
    async getToken(scopes, { abortSignal, claims, tenantId } = {}) {
      const wanted = typeof scopes === "string" ? [scopes] : scopes;
      const { accessToken, expiresOn } = await tokenFor({
        ...(wanted.length > 0 && { scopes: wanted }),
        ...(abortSignal !== undefined && { signal: abortSignal }),
        ...(claims !== undefined && { claims }),
        ...(tenantId !== undefined && { tenantId }),
      });
      return { token: accessToken, expiresOnTimestamp: expiresOn.getTime(), tokenType: "Bearer" };
    },
  };
}
