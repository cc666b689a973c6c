import { z } from "zod";
import { refuse } from "./token-error.js";

/** What the `claims` parameter of a request asks the access token to carry. */
export interface ClaimsRequest {
  /** Authentication contexts, such as `c1`. */
  readonly acrs: readonly string[];
  /** Asks for proof of multi-factor authentication. */
  readonly mfa: boolean;
  /** Asks for a token issued after this instant, in seconds since the epoch: the answer to a revocation. */
  readonly issuedAfter: number | undefined;
  /** Client capabilities, such as `cp1`. */
  readonly capabilities: readonly string[];
}

const wanted = z.object({ value: z.string().optional(), values: z.array(z.string()).optional() }).nullable();
const schema = z.object({
  access_token: z.object({ acrs: wanted, capolids: wanted, nbf: wanted, xms_cc: wanted }).partial().optional(),
});

/**
 * Reads the `claims` parameter.
 *
 * @throws {TokenError} 9002313 when it is not JSON of the known shape
 * @see https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter
 */
export function readClaimsRequest(text: string | undefined): ClaimsRequest {
  const asked = text === undefined ? undefined : parse(text).access_token;
  const valuesOf = (claim: z.output<typeof wanted> | undefined) => claim?.values ?? (claim?.value ? [claim.value] : []);
  const [nbf] = valuesOf(asked?.nbf);
  return {
    acrs: valuesOf(asked?.acrs),
    mfa: valuesOf(asked?.capolids).length > 0,
    issuedAfter: nbf === undefined ? undefined : Number(nbf),
    capabilities: valuesOf(asked?.xms_cc),
  };
}

function parse(text: string): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw refuse(9002313, { reason: "The parameter 'claims' is not a valid claims request." });
  }
}
