import type { DirectoryDocument } from "./schema.js";

/** A tenant of the directory. */
export type Tenant = DirectoryDocument["tenants"][number];
/** A human user. */
export type User = DirectoryDocument["users"][number];
/** An agent's own user account. */
export type AgentUser = DirectoryDocument["agentUsers"][number];
/** An identity that IMDS and App Service hand out tokens for. */
export type ManagedIdentity = DirectoryDocument["managedIdentities"][number];
/** A rule of Conditional Access. */
export type ConditionalAccessRule = DirectoryDocument["conditionalAccess"][number];
/** Delegated permissions that were consented to. */
export type DelegatedGrant = DirectoryDocument["delegatedGrants"][number];
/** Application permissions that were assigned. */
export type RoleAssignment = DirectoryDocument["roleAssignments"][number];

/** An ordinary application. */
export type Application = DirectoryDocument["applications"][number] & { readonly kind: "application" };
/** An agent identity blueprint. */
export type Blueprint = DirectoryDocument["blueprints"][number] & { readonly kind: "blueprint" };
/** An agent identity: a child of one blueprint, without a credential of its own. */
export type AgentIdentity = DirectoryDocument["agentIdentities"][number] & { readonly kind: "agent-identity" };
/** Anything that can be the `client_id` of a token request. */
export type Client = Application | Blueprint | AgentIdentity;

/** Anyone who can be the subject of a delegated token. */
export type Person = (User & { readonly kind: "user" }) | (AgentUser & { readonly kind: "agent-user" });

/** An API that tokens are issued for. */
export interface Resource {
  readonly appId: string;
  readonly displayName: string;
  /** The first is the one that version 1.0 tokens carry as audience. */
  readonly identifierUris: readonly string[];
  readonly tokenVersion: "1.0" | "2.0";
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly optionalClaims: readonly string[];
  /** In seconds. */
  readonly tokenLifetime: number;
  /** Tenants that know this resource; absent = all of them. */
  readonly tenants?: readonly string[];
}
