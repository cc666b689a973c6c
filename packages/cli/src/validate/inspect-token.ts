import {
  type AgentAuthErrorCode,
  type AgentAuthOptions,
  type Caller,
  createAgentAuth,
  isAgentAuthError,
} from "@agent-auth/core";
import { decodeJwt } from "../io/decode.js";

/** What became of one check of a token. */
export interface CheckResult {
  readonly name: string;
  readonly verdict: "passed" | "failed" | "not checked";
  /** What is wrong and what to do, of a check that failed. */
  readonly detail?: string;
  readonly code?: AgentAuthErrorCode;
}

/** A token, inspected. */
export interface Inspection {
  readonly valid: boolean;
  readonly checks: readonly CheckResult[];
  /** Who calls, of a valid token. */
  readonly caller?: Caller;
  readonly header?: object;
  /** Verified when `valid`, else only what the token says of itself. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

interface Check {
  readonly name: string;
  readonly codes: readonly AgentAuthErrorCode[];
  /** Options under which core passes this check over, so that it tells about the next ones. Absent: it must hold. */
  readonly relax?: (claims: Readonly<Record<string, unknown>>) => Partial<AgentAuthOptions>;
}

/** The checks in the order in which core makes them. */
const checks: readonly Check[] = [
  {
    name: "form",
    codes: [
      "authorization_malformed",
      "authorization_scheme_unsupported",
      "token_malformed",
      "token_too_large",
      "token_header_refused",
      "token_decryption_failed",
    ],
  },
  { name: "algorithm", codes: ["token_algorithm_refused"] },
  {
    name: "lifetime",
    codes: ["token_expired", "token_not_yet_valid"],
    relax: ({ exp, nbf }) => {
      const moment = typeof nbf === "number" ? nbf : Number(exp) - 1;
      return { clock: () => moment * 1000 };
    },
  },
  { name: "audience", codes: ["token_audience_refused"], relax: () => ({ audiences: null }) },
  { name: "tenant", codes: ["token_tenant_refused", "tenant_check_failed"] },
  { name: "signing key", codes: ["token_key_unknown", "keys_unavailable"] },
  { name: "issuer", codes: ["token_issuer_refused"], relax: () => ({ issuers: null }) },
  { name: "signature", codes: ["token_signature_invalid"] },
  { name: "claims", codes: ["token_claim_missing", "token_claim_invalid", "token_possession_unproven"] },
];

/**
 * Has core validate a token, and finds the verdict of each check: when one fails that can be passed over, core is asked
 * again without it.
 * @throws what core throws that is no verdict about the token
 */
export async function inspectToken(options: AgentAuthOptions, token: string): Promise<Inspection> {
  const decoded = decodeJwt(token);
  const failures = new Map<Check, CheckResult>();
  let relaxed: Partial<AgentAuthOptions> = {};
  for (;;) {
    const outcome = await authenticate({ ...options, ...relaxed }, token);
    if ("caller" in outcome) {
      const valid = failures.size === 0;
      return { ...decoded, valid, checks: results(failures), ...(valid && { caller: outcome.caller }) };
    }
    const { error } = outcome;
    const check = checks.find(({ codes }) => isAgentAuthError(error) && codes.includes(error.code));
    if (check === undefined || !isAgentAuthError(error)) throw error;
    const repeated = failures.has(check);
    failures.set(check, { name: check.name, verdict: "failed", detail: error.message, code: error.code });
    if (check.relax === undefined || decoded === undefined || repeated) {
      return { ...decoded, valid: false, checks: results(failures, check) };
    }
    relaxed = { ...relaxed, ...check.relax(decoded.claims) };
  }
}

async function authenticate(
  options: AgentAuthOptions,
  token: string,
): Promise<{ readonly caller: Caller } | { readonly error: unknown }> {
  const auth = createAgentAuth(options);
  try {
    const { caller } = await auth.authenticate({ authorization: `Bearer ${token}` });
    return { caller };
  } catch (error) {
    return { error };
  } finally {
    await auth.close();
  }
}

/** @param stopped the check that nothing got past; core may look at claims before it looks at keys, so then nothing is sure */
function results(failures: ReadonlyMap<Check, CheckResult>, stopped?: Check): CheckResult[] {
  const reached = stopped === undefined ? checks.length : stopped.name === "claims" ? 0 : checks.indexOf(stopped);
  return checks.map(
    (check, index) => failures.get(check) ?? { name: check.name, verdict: index < reached ? "passed" : "not checked" },
  );
}
