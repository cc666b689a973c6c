/** The claims of a verified access token. @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export interface Claims {
  readonly aud: string | readonly string[];
  readonly iss: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  /** Seconds since the epoch. */
  readonly nbf?: number;
  /** Seconds since the epoch. */
  readonly iat?: number;
  /** Tenant (GUID). */
  readonly tid?: string;
  /** Object id of the subject (GUID). */
  readonly oid?: string;
  readonly sub?: string;
  /** `1.0` or `2.0`. */
  readonly ver?: string;
  /** Acting application in v2.0 tokens. */
  readonly azp?: string;
  /** Acting application in v1.0 tokens. */
  readonly appid?: string;
  /** `user` or `app`. */
  readonly idtyp?: string;
  /** Delegated permissions, space-separated. */
  readonly scp?: string;
  /** Application permissions. */
  readonly roles?: readonly string[];
  readonly [claim: string]: unknown;
}
