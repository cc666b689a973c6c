import { createHash } from "node:crypto";
import { defaultDirectory } from "./default-directory.js";
import type {
  AgentIdentity,
  AgentUser,
  Application,
  Blueprint,
  Client,
  ConditionalAccessRule,
  DelegatedGrant,
  ManagedIdentity,
  Person,
  Resource,
  RoleAssignment,
  Tenant,
  User,
} from "./entities.js";
import { type DirectoryDocument, type DirectoryInput, parseDirectory } from "./schema.js";
import {
  GRAPH_APP_ID,
  GRAPH_ROLES,
  GRAPH_SCOPES,
  GRAPH_URI,
  TOKEN_EXCHANGE_APP_ID,
  TOKEN_EXCHANGE_URI,
} from "./well-known.js";

const DEFAULT_TOKEN_LIFETIME = 3600;
/** Validated when the module loads: the first validation of a process takes some 20 ms, which no start should pay. */
const defaultDocument = parseDirectory(defaultDirectory);

/** The directory of a running emulator: a validated document, indexed, that provisioning can change. */
export class Directory {
  readonly #tenants = new Map<string, Tenant>();
  readonly #clients = new Map<string, Client>();
  /** Tenants that have a service principal, by client id. */
  readonly #principals = new Map<string, Set<string>>();
  readonly #people = new Map<string, Person>();
  readonly #resources = new Map<string, Resource>();
  readonly grants: DelegatedGrant[];
  readonly roleAssignments: RoleAssignment[];
  readonly conditionalAccess: readonly ConditionalAccessRule[];
  readonly managedIdentities: readonly ManagedIdentity[];

  constructor(document: DirectoryDocument) {
    for (const tenant of document.tenants) {
      this.#tenants.set(tenant.id, tenant);
      this.#tenants.set(tenant.domain.toLowerCase(), tenant);
    }
    this.addResource({
      appId: GRAPH_APP_ID,
      displayName: "Microsoft Graph",
      identifierUris: [GRAPH_URI],
      tokenVersion: "1.0",
      scopes: GRAPH_SCOPES,
      roles: GRAPH_ROLES,
      optionalClaims: [],
      tokenLifetime: DEFAULT_TOKEN_LIFETIME,
    });
    this.addResource({
      appId: TOKEN_EXCHANGE_APP_ID,
      displayName: "AAD Token Exchange",
      identifierUris: [TOKEN_EXCHANGE_URI],
      tokenVersion: "2.0",
      scopes: [],
      roles: [],
      optionalClaims: [],
      tokenLifetime: DEFAULT_TOKEN_LIFETIME,
    });
    for (const resource of document.resources) {
      this.addResource({
        ...resource,
        identifierUris: [...resource.identifierUris, `api://${resource.appId}`],
        tokenLifetime: resource.tokenLifetime ?? DEFAULT_TOKEN_LIFETIME,
      });
    }
    for (const application of document.applications) this.addClient({ ...application, kind: "application" });
    for (const blueprint of document.blueprints) this.addClient({ ...blueprint, kind: "blueprint" });
    for (const agent of document.agentIdentities) this.addClient({ ...agent, kind: "agent-identity" });
    for (const user of document.users) this.addPerson({ ...user, kind: "user" });
    for (const agentUser of document.agentUsers) this.addPerson({ ...agentUser, kind: "agent-user" });
    this.grants = document.delegatedGrants;
    this.roleAssignments = document.roleAssignments;
    this.conditionalAccess = document.conditionalAccess;
    this.managedIdentities = document.managedIdentities;
  }

  /** Validates a document and indexes it. @throws {DirectoryError} */
  static from(input: DirectoryInput): Directory {
    return new Directory(input === defaultDirectory ? structuredClone(defaultDocument) : parseDirectory(input));
  }

  get tenants(): Tenant[] {
    return [...new Set(this.#tenants.values())];
  }
  get clients(): Client[] {
    return [...this.#clients.values()];
  }
  get blueprints(): Blueprint[] {
    return this.clients.filter((client) => client.kind === "blueprint");
  }
  get applications(): Application[] {
    return this.clients.filter((client) => client.kind === "application");
  }
  get agentIdentities(): AgentIdentity[] {
    return this.clients.filter((client) => client.kind === "agent-identity");
  }
  get people(): Person[] {
    return [...new Set(this.#people.values())];
  }
  get users(): (User & { kind: "user" })[] {
    return this.people.filter((person) => person.kind === "user");
  }
  get agentUsers(): (AgentUser & { kind: "agent-user" })[] {
    return this.people.filter((person) => person.kind === "agent-user");
  }

  /** Finds a tenant by id or domain. */
  tenant(idOrDomain: string): Tenant | undefined {
    return this.#tenants.get(idOrDomain.toLowerCase());
  }

  /** Finds a client that exists in the tenant: at home there, or with a service principal there. */
  client(tenantId: string, clientId: string): Client | undefined {
    const client = this.#clients.get(clientId.toLowerCase());
    return client && this.#principals.get(client.clientId)?.has(tenantId) ? client : undefined;
  }

  /** Finds a client wherever it lives. */
  clientAnywhere(clientId: string): Client | undefined {
    return this.#clients.get(clientId.toLowerCase());
  }

  /** Finds a person by object id or user principal name. */
  person(tenantId: string, idOrUsername: string): Person | undefined {
    const person = this.#people.get(idOrUsername.toLowerCase());
    return person?.tenant === tenantId ? person : undefined;
  }

  /** Finds a resource by app id or identifier URI (a trailing slash is ignored, as is case). */
  resource(tenantId: string, appIdOrUri: string): Resource | undefined {
    const resource = this.#resources.get(resourceKey(appIdOrUri));
    return resource && (!resource.tenants || resource.tenants.includes(tenantId)) ? resource : undefined;
  }

  /** The object id of a client's service principal in a tenant. An agent identity is its own. */
  objectIdOf(client: Client, tenantId: string): string {
    if (client.kind === "agent-identity") return client.clientId;
    const stated =
      client.tenant === tenantId ? client.objectId : client.principals.find((p) => p.tenant === tenantId)?.objectId;
    return stated ?? derivedGuid(`${tenantId}/${client.clientId}`);
  }

  /** The tenants in which a client has a service principal. */
  tenantsOf(client: Client): string[] {
    return [...(this.#principals.get(client.clientId) ?? [])];
  }

  /** Gives a client a service principal in a tenant. */
  addPrincipal(client: Client, tenantId: string): void {
    this.addClient(client, [...this.tenantsOf(client), tenantId]);
  }

  removePrincipal(client: Client, tenantId: string): void {
    this.#principals.get(client.clientId)?.delete(tenantId);
  }

  /**
   * Adds a client.
   *
   * @param tenants where it has a service principal; default: at home, and where its registration says
   */
  addClient(client: Client, tenants: readonly string[] = registeredTenants(client)): void {
    this.#clients.set(client.clientId, client);
    this.#principals.set(client.clientId, new Set(tenants));
    if (client.kind === "agent-identity" || !client.api) return;
    const { identifierUris, tokenLifetime, ...api } = client.api;
    this.addResource({
      ...api,
      appId: client.clientId,
      displayName: client.displayName,
      identifierUris: [...identifierUris, `api://${client.clientId}`],
      tokenLifetime: tokenLifetime ?? DEFAULT_TOKEN_LIFETIME,
      tenants,
    });
  }

  removeClient(clientId: string): boolean {
    const resource = this.#resources.get(clientId);
    for (const key of [clientId, ...(resource?.identifierUris ?? [])]) this.#resources.delete(resourceKey(key));
    return this.#clients.delete(clientId);
  }

  addPerson(person: Person): void {
    this.#people.set(person.id, person);
    this.#people.set(person.username.toLowerCase(), person);
  }

  removePerson(id: string): boolean {
    const person = this.#people.get(id);
    if (!person) return false;
    this.#people.delete(person.username.toLowerCase());
    return this.#people.delete(id);
  }

  addResource(resource: Resource): void {
    for (const key of [resource.appId, ...resource.identifierUris]) this.#resources.set(resourceKey(key), resource);
  }
}

function registeredTenants(client: Client): string[] {
  if (client.kind === "agent-identity" || !client.multiTenant) return [client.tenant];
  return [client.tenant, ...client.principals.map((principal) => principal.tenant)];
}

/** The App ID URI that a blueprint or application is addressed by. */
export function appIdUriOf(client: Application | Blueprint): string {
  return client.api?.identifierUris[0] ?? `api://${client.clientId}`;
}

function resourceKey(appIdOrUri: string): string {
  return appIdOrUri.toLowerCase().replace(/\/+$/, "");
}

/** A GUID that depends on the text alone, so that ids nobody chose stay the same from run to run. */
export function derivedGuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
