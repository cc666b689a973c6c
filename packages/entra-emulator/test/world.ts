import { randomUUID } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import type { DirectoryInput } from "../src/directory/schema.js";
import { type Emulator, startEmulator } from "../src/emulator.js";
import { type ClientCertificate, createClientCertificate } from "./certificate.js";
import { type ExternalIssuer, startExternalIssuer } from "./external-issuer.js";
import { EXCHANGE_SCOPE, type Form, JWT_BEARER, postToken, type TokenAnswer } from "./token-client.js";

const id = (kind: string, n: number) => `${kind}-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Everything in the directory that the rules are tried on. */
export const ids = {
  contoso: id("aaaaaaaa", 1),
  fabrikam: id("aaaaaaaa", 2),
  client: id("cccccccc", 1),
  publicClient: id("cccccccc", 2),
  disabledClient: id("cccccccc", 3),
  multiTenantClient: id("cccccccc", 4),
  otherApi: id("cccccccc", 5),
  blueprint: id("bbbbbbbb", 1),
  otherBlueprint: id("bbbbbbbb", 2),
  agent: id("eeeeeeee", 1),
  sibling: id("eeeeeeee", 2),
  strangerAgent: id("eeeeeeee", 3),
  fabrikamAgent: id("eeeeeeee", 4),
  disabledAgent: id("eeeeeeee", 5),
  agentUser: id("dddddddd", 1),
  siblingUser: id("dddddddd", 2),
  disabledAgentUser: id("dddddddd", 3),
  adele: id("ffffffff", 1),
  disabledUser: id("ffffffff", 2),
  carol: id("ffffffff", 3),
  payroll: id("99999999", 1),
  vault: id("99999999", 2),
  orders: id("99999999", 3),
} as const;

export const secrets = { client: "client-secret", expired: "expired-secret", blueprint: "blueprint-secret" } as const;
export const EXTERNAL_SUBJECT = "repo:contoso/assistant:ref:refs/heads/main";
export const REDIRECT = "http://localhost:4000/callback";

function directory(certificate: ClientCertificate, issuer: string): DirectoryInput {
  const tenant = ids.contoso;
  const user = (n: string, person: string, of: string = tenant) => ({
    tenant: of,
    id: person,
    username: `${n}@${of === tenant ? "contoso" : "fabrikam"}.example`,
    displayName: n,
  });
  const grant = (client: string, resource: string, scopes: string[], of: string = tenant) => ({
    tenant: of,
    client,
    resource,
    scopes,
  });
  return {
    tenants: [
      { id: tenant, domain: "contoso.example" },
      { id: ids.fabrikam, domain: "fabrikam.example" },
    ],
    applications: [
      {
        tenant,
        clientId: ids.client,
        displayName: "Client",
        secrets: [{ value: secrets.client }, { value: secrets.expired, expires: "2020-01-01T00:00:00Z" }],
        certificates: [{ pem: certificate.pem }],
        federatedCredentials: [{ issuer, subject: EXTERNAL_SUBJECT }],
        redirectUris: [REDIRECT, "http://localhost:4000/other"],
        api: { scopes: ["Read"], roles: ["Run"] },
      },
      { tenant, clientId: ids.publicClient, displayName: "SPA", publicClient: true, redirectUris: [REDIRECT] },
      {
        tenant,
        clientId: ids.disabledClient,
        displayName: "Off",
        enabled: false,
        secrets: [{ value: secrets.client }],
      },
      {
        tenant,
        clientId: ids.multiTenantClient,
        displayName: "Everywhere",
        multiTenant: true,
        principals: [{ tenant: ids.fabrikam }],
        secrets: [{ value: secrets.client }],
        redirectUris: [REDIRECT],
      },
      {
        tenant,
        clientId: ids.otherApi,
        displayName: "Other API",
        secrets: [{ value: secrets.client }],
        api: { scopes: ["Read"] },
      },
    ],
    blueprints: [
      {
        tenant,
        clientId: ids.blueprint,
        displayName: "Blueprint",
        multiTenant: true,
        principals: [{ tenant: ids.fabrikam }],
        secrets: [{ value: secrets.blueprint }],
        api: { scopes: ["access_as_user"], roles: ["Tasks.Process.All"] },
        inheritablePermissions: [{ resource: "https://graph.microsoft.com", scopes: ["User.Read", "Mail.Read"] }],
      },
      {
        tenant,
        clientId: ids.otherBlueprint,
        displayName: "Other blueprint",
        secrets: [{ value: secrets.blueprint }],
        api: { scopes: ["access_as_user"] },
      },
    ],
    agentIdentities: [
      { tenant, clientId: ids.agent, blueprint: ids.blueprint, displayName: "Agent" },
      { tenant, clientId: ids.sibling, blueprint: ids.blueprint, displayName: "Sibling" },
      { tenant, clientId: ids.strangerAgent, blueprint: ids.otherBlueprint, displayName: "Stranger" },
      { tenant: ids.fabrikam, clientId: ids.fabrikamAgent, blueprint: ids.blueprint, displayName: "Fabrikam agent" },
      { tenant, clientId: ids.disabledAgent, blueprint: ids.blueprint, displayName: "Off", enabled: false },
    ],
    agentUsers: [
      { ...user("agent-user", ids.agentUser), agentIdentity: ids.agent },
      { ...user("sibling-user", ids.siblingUser), agentIdentity: ids.sibling },
      { ...user("disabled-agent-user", ids.disabledAgentUser), agentIdentity: ids.agent, enabled: false },
    ],
    users: [
      user("adele", ids.adele),
      { ...user("dan", ids.disabledUser), enabled: false },
      user("carol", ids.carol, ids.fabrikam),
    ],
    resources: [
      { appId: ids.payroll, displayName: "Payroll", scopes: ["Read"] },
      { appId: ids.vault, displayName: "Vault", scopes: ["Read"] },
      { appId: ids.orders, displayName: "Orders", scopes: ["Read", "Write"], roles: ["Orders.Run"] },
    ],
    delegatedGrants: [
      grant(ids.blueprint, "https://graph.microsoft.com", ["User.Read", "Mail.Read", "Mail.Send"]),
      grant(ids.client, "https://graph.microsoft.com", ["User.Read"]),
      grant(ids.client, `api://${ids.blueprint}`, ["access_as_user"]),
      grant(ids.publicClient, `api://${ids.blueprint}`, ["access_as_user"]),
      grant(ids.multiTenantClient, "https://graph.microsoft.com", ["User.Read"]),
      grant(ids.multiTenantClient, "https://graph.microsoft.com", ["User.Read"], ids.fabrikam),
      ...[ids.payroll, ids.vault].map((api) => grant(ids.client, api, ["Read"])),
    ],
    roleAssignments: [
      { tenant, client: ids.client, resource: ids.orders, roles: ["Orders.Run"] },
      { tenant, client: ids.agent, resource: "https://graph.microsoft.com", roles: ["User.Read.All"] },
    ],
    conditionalAccess: [
      { tenant, resource: ids.payroll, require: "mfa" },
      { tenant, resource: ids.vault, require: "block", users: [ids.adele] },
      { tenant, resource: "https://graph.microsoft.com", require: "claims", users: [ids.disabledUser] },
    ],
  };
}

/** A running emulator with that directory, a registered certificate and a foreign issuer. */
export class World {
  readonly emulator: Emulator;
  readonly certificate: ClientCertificate;
  readonly external: ExternalIssuer;

  private constructor(emulator: Emulator, certificate: ClientCertificate, external: ExternalIssuer) {
    this.emulator = emulator;
    this.certificate = certificate;
    this.external = external;
  }

  static async start(): Promise<World> {
    const [certificate, external] = await Promise.all([createClientCertificate(), startExternalIssuer()]);
    const emulator = await startEmulator({ directory: directory(certificate, external.issuer) });
    return new World(emulator, certificate, external);
  }

  async close(): Promise<void> {
    await Promise.all([this.emulator.close(), this.external.close()]);
  }

  post(form: Form, tenant: string = ids.contoso): Promise<TokenAnswer> {
    return postToken(this.emulator, form, tenant);
  }

  /** Runs something with the emulator's clock ahead by some seconds. */
  async later<T>(seconds: number, run: () => Promise<T>): Promise<T> {
    this.emulator.advance(seconds);
    try {
      return await run();
    } finally {
      this.emulator.advance(-seconds);
    }
  }

  async t1(
    agent: string = ids.agent,
    blueprint: string = ids.blueprint,
    tenant: string = ids.contoso,
  ): Promise<string> {
    return this.tokenOf(await this.post(t1Form(agent, blueprint), tenant));
  }

  async t2(agent: string = ids.agent): Promise<string> {
    return this.tokenOf(await this.post(agentForm(agent, await this.t1(agent), EXCHANGE_SCOPE)));
  }

  tokenOf(answer: TokenAnswer): string {
    if (answer.status !== 200) throw new Error(String(answer.body.error_description));
    return answer.accessToken;
  }

  /** An inbound token for the blueprint. */
  inbound(options: Parameters<Emulator["mint"]>[1] = {}): Promise<string> {
    return this.emulator.mint("user", { user: ids.adele, ...options });
  }

  /** A client assertion signed with the registered certificate. */
  certificateAssertion(claims: JWTPayload = {}, header: object = { x5t: this.certificate.x5t }): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: ids.client,
      sub: ids.client,
      aud: `${this.emulator.url}/${ids.contoso}/oauth2/v2.0/token`,
      nbf: now,
      exp: now + 600,
      jti: randomUUID(),
      ...claims,
    })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...header })
      .sign(this.certificate.privateKey);
  }

  /** A token of the foreign issuer. */
  externalAssertion(claims: JWTPayload = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const base = { iss: this.external.issuer, sub: EXTERNAL_SUBJECT, aud: "api://AzureADTokenExchange" };
    return this.external.sign({ ...base, iat: now, nbf: now, exp: now + 600, ...claims });
  }
}

export const t1Form = (agent: string = ids.agent, blueprint: string = ids.blueprint): Form => ({
  grant_type: "client_credentials",
  client_id: blueprint,
  client_secret: secrets.blueprint,
  scope: EXCHANGE_SCOPE,
  fmi_path: agent,
});

export const agentForm = (agent: string, t1: string, scope = "https://graph.microsoft.com/.default"): Form => ({
  grant_type: "client_credentials",
  client_id: agent,
  client_assertion_type: JWT_BEARER,
  client_assertion: t1,
  scope,
});

/** A client-credentials request of the ordinary client, with any change. */
export const appForm = (change: Form = {}): Form => ({
  grant_type: "client_credentials",
  client_id: ids.client,
  client_secret: secrets.client,
  scope: `api://${ids.orders}/.default`,
  ...change,
});

/** The same with an assertion in the place of the secret. */
export const assertionForm = (assertion: string): Form => ({
  grant_type: "client_credentials",
  client_id: ids.client,
  client_assertion_type: JWT_BEARER,
  client_assertion: assertion,
  scope: `api://${ids.orders}/.default`,
});

export const without = (form: Form, ...names: string[]): Form =>
  Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
