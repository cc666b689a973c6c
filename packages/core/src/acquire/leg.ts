/** Scope of the exchange token: the first leg of every agent flow. */
export const tokenExchangeScope = "api://AzureADTokenExchange/.default";

/**
 * What authenticates a leg at the token endpoint: the configured client credentials, or the token of an earlier leg
 * of the same plan (by its index), used as client assertion.
 */
export type LegCredential = "configured" | number;

interface LegBase {
  /** Tenant GUID or domain whose token endpoint is asked. */
  readonly tenantId: string;
  /** Client id that asks. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly credential: LegCredential;
}

/** The blueprint impersonates one agent identity: T1. */
export interface ExchangeLeg extends LegBase {
  readonly kind: "exchange";
  /** Path of the federated managed identity: the client id of the agent identity. */
  readonly fmiPath: string;
}

/** Client credentials: the app as itself, or, authenticated by T1, the autonomous agent. */
export interface ClientCredentialsLeg extends LegBase {
  readonly kind: "client-credentials";
}

/** The agent identity's own exchange token, which stands for it before an agent user's token is asked for: T2. */
export interface InstanceLeg extends LegBase {
  readonly kind: "instance";
}

/** On behalf of the inbound caller, whose token is the assertion. @see RFC 7523 section 2.1 */
export interface OnBehalfOfLeg extends LegBase {
  readonly kind: "on-behalf-of";
}

/** The agent's own user account, by `user_fic`. */
export interface AgentUserLeg extends LegBase {
  readonly kind: "agent-user";
  readonly user: AgentUserName;
  /** Index of the leg whose token (T2) is the user's federated credential. */
  readonly userCredential: number;
}

/** An agent user, by its principal name or its object id (GUID). */
export type AgentUserName = { readonly username: string } | { readonly userId: string };

/** One request to the token endpoint, as data. */
export type Leg = ExchangeLeg | ClientCredentialsLeg | InstanceLeg | OnBehalfOfLeg | AgentUserLeg;

/** The `grant_type` with which a leg is asked for. */
export const grantOf: Readonly<Record<Leg["kind"], string>> = {
  exchange: "client_credentials",
  "client-credentials": "client_credentials",
  instance: "client_credentials",
  "on-behalf-of": "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "agent-user": "user_fic",
};

/**
 * The part of a leg's cache key that the plan knows: everything that selects the token but the inbound assertion.
 * JSON keeps the parts apart whatever characters they hold.
 */
export function legKey(leg: Leg): string {
  const parts = [leg.kind, leg.tenantId, leg.clientId, [...leg.scopes].sort()];
  if (leg.kind === "exchange") return JSON.stringify([...parts, leg.fmiPath]);
  if (leg.kind === "agent-user") return JSON.stringify([...parts, leg.user]);
  return JSON.stringify(parts);
}

/** What happened to one leg of one call. */
export interface LegEvent {
  readonly kind: Leg["kind"];
  /** The `grant_type` on the wire. */
  readonly grant: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** `hit`: from the cache. `miss`: asked for. `shared`: another call had asked, and this one waited for the answer. */
  readonly cache: "hit" | "miss" | "shared";
  /** Milliseconds. */
  readonly durationMs: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
}
