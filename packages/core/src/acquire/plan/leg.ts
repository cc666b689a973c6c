/** Scope of the exchange token: the first leg of every agent flow. */
export const tokenExchangeScope = "api://AzureADTokenExchange/.default";

/**
 * What authenticates a leg at the token endpoint: the configured client credentials, the token of an earlier leg of the
 * same plan (by its index), used as client assertion, or the machine itself (`none`), as for a managed identity.
 */
export type LegCredential = "configured" | "none" | number;

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
  /** Path of a federated managed identity that is no agent identity. */
  readonly fmiPath?: string;
}

/** The agent identity's own exchange token, which stands for it before an agent user's token is asked for: T2. */
export interface InstanceLeg extends LegBase {
  readonly kind: "instance";
}

/** On behalf of the inbound caller, whose token is the assertion. @see RFC 7523 section 2.1 */
export interface OnBehalfOfLeg extends LegBase {
  readonly kind: "on-behalf-of";
}

/** On behalf of a user who has left: by the refresh token of a session that the user's token began. */
export interface LongRunningLeg extends LegBase {
  readonly kind: "long-running";
  /** SHA-256 of the session key, base64url: what names the session in keys, logs and the store. */
  readonly session: string;
}

/** The agent's own user account, by `user_fic`. */
export interface AgentUserLeg extends LegBase {
  readonly kind: "agent-user";
  readonly user: AgentUserName;
  /** Index of the leg whose token (T2) is the user's federated credential. */
  readonly userCredential: number;
}

/** The managed identity of the machine, straight to a resource. Its `clientId` is `system-assigned`, or a GUID. */
export interface ManagedIdentityLeg extends LegBase {
  readonly kind: "managed-identity";
}

/** An agent user, by its principal name or its object id (GUID). */
export type AgentUserName = { readonly username: string } | { readonly userId: string };

/** One request to the token endpoint, as data. */
export type Leg =
  | ExchangeLeg
  | ClientCredentialsLeg
  | InstanceLeg
  | OnBehalfOfLeg
  | LongRunningLeg
  | AgentUserLeg
  | ManagedIdentityLeg;

/** The `grant_type` with which a leg is asked for; a managed identity's endpoint knows none. */
export const grantOf: Readonly<Record<Leg["kind"], string>> = {
  exchange: "client_credentials",
  "client-credentials": "client_credentials",
  instance: "client_credentials",
  "on-behalf-of": "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "long-running": "refresh_token",
  "agent-user": "user_fic",
  "managed-identity": "managed_identity",
};

/**
 * The part of a leg's cache key that the plan knows: everything that selects the token but the inbound assertion.
 * JSON keeps the parts apart whatever characters they hold.
 */
export function legKey(leg: Leg): string {
  const parts = [leg.kind, leg.tenantId, leg.clientId, [...leg.scopes].sort()];
  switch (leg.kind) {
    case "exchange":
    case "client-credentials":
      return JSON.stringify([...parts, leg.fmiPath ?? null]);
    case "long-running":
      return JSON.stringify([...parts, leg.session]);
    case "agent-user":
      return JSON.stringify([...parts, leg.user]);
    default:
      return JSON.stringify(parts);
  }
}

/** A leg in words, for messages. */
export function describeLeg(leg: Leg): string {
  const scopes = leg.scopes.join(" ");
  switch (leg.kind) {
    case "exchange":
      return `the exchange of blueprint ${leg.clientId} for agent identity ${leg.fmiPath}`;
    case "instance":
      return `the instance token of agent identity ${leg.clientId}`;
    case "agent-user":
      return `the agent user token of agent identity ${leg.clientId} for ${scopes}`;
    case "on-behalf-of":
      return `the on-behalf-of token of ${leg.clientId} for ${scopes}`;
    case "long-running":
      return `the long-running on-behalf-of token of ${leg.clientId} for ${scopes}`;
    case "client-credentials":
      return `the app-only token of ${leg.clientId} for ${scopes}`;
    case "managed-identity":
      return `the token of the ${leg.clientId} managed identity for ${scopes}`;
  }
}

/** What happened to one leg of one call. */
export interface LegEvent {
  readonly kind: Leg["kind"];
  /** The `grant_type` on the wire. */
  readonly grant: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /**
   * `hit`: from memory. `stored`: from the token store. `miss`: asked for. `shared`: another call had asked, and this
   * one waited for the answer. `refresh`: asked for in the background, while the token at hand is still good.
   * `stale`: asking failed, and the token at hand, near its end, had to do.
   */
  readonly cache: "hit" | "stored" | "miss" | "shared" | "refresh" | "stale";
  /** Milliseconds. */
  readonly durationMs: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
}
