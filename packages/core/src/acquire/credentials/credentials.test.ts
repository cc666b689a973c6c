import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DirectoryInput,
  defaultDirectory,
  type Emulator,
  startEmulator,
} from "@agent-auth/entra-emulator/testing";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type AgentAuth,
  type AgentAuthOptions,
  type ClientCredential,
  createAgentAuth,
  loadOptions,
} from "../../index.js";

const certificates = join(import.meta.dirname, "../../../test/certificates");
const pem = (name: string) => readFile(join(certificates, name), "utf8");
const tenant = defaultDirectory.tenants[0]?.id ?? "";
const systemAssigned = {
  clientId: "a1de0000-0000-4000-8000-000000000001",
  principalId: "a1de0000-0000-4000-8000-0000000000f1",
};
const userAssigned = {
  clientId: "a1de0000-0000-4000-8000-000000000002",
  principalId: "a1de0000-0000-4000-8000-0000000000f2",
};
const subject = "system:serviceaccount:agents:assistant";

let emulator: Emulator;
let folder: string;
let agent: string;
let warnings: string[];
let opened: AgentAuth[];

beforeAll(async () => {
  emulator = await startEmulator({ directory: await directory(["first.cert.pem", "second.cert.pem"]) });
  agent = emulator.agentIdentities[0]?.clientId ?? "";
  folder = await mkdtemp(join(tmpdir(), "agent-auth-"));
});

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  warnings = [];
  opened = [];
  emulator.clearRequests();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.map((instance) => instance.close()));
});

/** The default directory, whose blueprint trusts certificates, managed identities and a service account. */
async function directory(trusted: readonly string[]): Promise<DirectoryInput> {
  const [blueprint] = defaultDirectory.blueprints ?? [];
  if (blueprint === undefined) throw new Error("the default directory has a blueprint");
  const federated = [systemAssigned, userAssigned].map(({ principalId }) => ({
    issuer: `{url}/${tenant}/v2.0`,
    subject: principalId,
  }));
  return {
    ...defaultDirectory,
    blueprints: [
      {
        ...blueprint,
        certificates: await Promise.all(trusted.map(async (name) => ({ pem: await pem(name) }))),
        federatedCredentials: [...federated, { issuer: "{url}/_workload", subject }],
      },
    ],
    managedIdentities: [
      { tenant, ...systemAssigned, systemAssigned: true },
      { tenant, ...userAssigned },
    ],
    resources: [
      {
        appId: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
        displayName: "Azure Key Vault",
        identifierUris: ["https://vault.azure.net"],
        tokenVersion: "1.0",
      },
    ],
  };
}

function create(credentials: readonly ClientCredential[], overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
  const logger = { warn: (message: string) => void warnings.push(message), error: () => {} };
  const instance = createAgentAuth({
    ...loadOptions({ env: emulator.env, directory: import.meta.dirname }),
    clientCredentials: credentials,
    logger,
    ...overrides,
  });
  opened.push(instance);
  return instance;
}

/** Asks for a token as an agent, so that the credential is used for the exchange, and says how it was sent. */
async function exchangeWith(instance: AgentAuth) {
  const header = await instance.forApp().asAgent(agent).headerFor("Graph", { forceRefresh: true });
  expect(decodeJwt(header.slice("Bearer ".length))).toMatchObject({ oid: agent });
  return emulator.requests.filter(({ params }) => params.fmi_path === agent).map(({ params }) => Object.keys(params));
}

describe("each kind of credential authenticates the blueprint", () => {
  const file = (name: string) => join(certificates, name);
  test.each<[string, ClientCredential]>([
    [
      "a PFX file",
      { sourceType: "Path", certificateDiskPath: file("first.aes256.pfx"), certificatePassword: "pässwörd 1" },
    ],
    [
      "a PEM pair",
      { sourceType: "Path", certificateDiskPath: file("first.cert.pem"), privateKeyDiskPath: file("first.key.pem") },
    ],
    [
      "a PFX file, sent along",
      { sourceType: "Path", certificateDiskPath: file("first.no-password.pfx"), sendX5c: true },
    ],
  ])("%s", async (_name, credential) => {
    const [params] = await exchangeWith(create([credential]));
    expect(params).toContain("client_assertion");
    expect(params).not.toContain("client_secret");
  });

  test("base64 of a PFX", async () => {
    const base64EncodedValue = (await readFile(file("second.no-password.pfx"))).toString("base64");
    expect(await exchangeWith(create([{ sourceType: "Base64Encoded", base64EncodedValue }]))).toHaveLength(1);
  });

  test("a managed identity: system-assigned at the Instance Metadata Service, user-assigned at App Service", async () => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.url);
    await exchangeWith(create([{ sourceType: "SignedAssertionFromManagedIdentity" }]));
    vi.stubEnv("IDENTITY_ENDPOINT", `${emulator.url}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "emulator-identity-header");
    await exchangeWith(
      create([{ sourceType: "SignedAssertionFromManagedIdentity", managedIdentityClientId: userAssigned.clientId }]),
    );
    expect(emulator.requests.filter(({ outcome }) => outcome.status !== 200)).toEqual([]);
  });

  test("a projected file, read again after it rotated", async () => {
    const projected = await emulator.projectToken({ path: join(folder, "token"), subject });
    vi.stubEnv("AZURE_FEDERATED_TOKEN_FILE", projected.env.AZURE_FEDERATED_TOKEN_FILE);
    const instance = create([{ sourceType: "SignedAssertionFilePath" }]);
    await exchangeWith(instance);
    // The file's old content is good no more: what is read must be the new one.
    await writeFile(join(folder, "token"), "eyJhbGciOiJub25lIn0.e30.x");
    await instance.forget();
    await expect(instance.forApp().asAgent(agent).headerFor("Graph")).rejects.toMatchObject({
      code: "credential_refused",
    });
    await projected.rotate();
    expect(await exchangeWith(instance)).toHaveLength(3);
  });

  test("a callback, asked once for as long as its assertion lasts, and told for what", async () => {
    const { privateKey, thumbprint } = await signer();
    const asked: object[] = [];
    const instance = create([
      {
        sourceType: "SignedAssertion",
        getAssertion: async ({ clientId, audience }) => {
          asked.push({ clientId, audience });
          return new SignJWT()
            .setProtectedHeader({ alg: "PS256", "x5t#S256": thumbprint })
            .setIssuer(clientId)
            .setSubject(clientId)
            .setAudience(audience)
            .setNotBefore("0 s")
            .setExpirationTime("10 min")
            .sign(privateKey);
        },
      },
    ]);
    for (const identity of emulator.agentIdentities)
      await instance.forApp().asAgent(identity.clientId).headerFor("Graph");
    await instance.forApp().headerFor("Graph");
    expect(asked).toEqual([
      {
        clientId: emulator.blueprint.clientId,
        audience: `${emulator.url}/${emulator.tenantId}/oauth2/v2.0/token`,
      },
    ]);
  });
});

async function signer() {
  const { readCertificate } = await import("./certificate/certificate.js");
  const bytes = await readFile(join(certificates, "first.no-password.pfx"));
  return readCertificate(bytes, { password: undefined });
}

describe("Key Vault", () => {
  let vault: Server;
  let vaultUrl: string;
  let secret: string;
  let fetched: number;
  let clientOptions: object;

  beforeEach(async () => {
    fetched = 0;
    secret = (await readFile(join(certificates, "first.no-password.pfx"))).toString("base64");
    const tls = { key: await pem("loopback.key.pem"), cert: await pem("loopback.cert.pem") };
    clientOptions = { tlsOptions: { ca: tls.cert } };
    vault = createServer(tls, (req, res) => {
      const token = req.headers.authorization?.slice("Bearer ".length);
      res.setHeader("content-type", "application/json");
      if (token === undefined || decodeJwt(token).aud !== "https://vault.azure.net") {
        const challenge = `Bearer authorization="${emulator.url}/${tenant}", resource="https://vault.azure.net"`;
        res.writeHead(401, { "www-authenticate": challenge }).end("{}");
      } else if (req.url?.startsWith("/secrets/blueprint/") !== true) {
        res.writeHead(404).end(JSON.stringify({ error: { code: "SecretNotFound", message: "not found" } }));
      } else {
        fetched++;
        const body = {
          value: secret,
          contentType: "application/x-pkcs12",
          id: `${vaultUrl}/secrets/blueprint/1`,
          attributes: {},
        };
        res.end(JSON.stringify(body));
      }
    });
    await new Promise<void>((resolve) => vault.listen(0, "127.0.0.1", resolve));
    vaultUrl = `https://127.0.0.1:${(vault.address() as AddressInfo).port}`;
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.url);
  });

  afterEach(() => {
    vault.closeAllConnections();
    return new Promise((resolve) => vault.close(resolve));
  });

  const inVault = (keyVaultCertificateName: string): ClientCredential => ({
    sourceType: "KeyVault",
    keyVaultUrl: vaultUrl,
    keyVaultCertificateName,
    clientOptions,
  });

  test("gives the certificate, opened by the managed identity, and gives it once an hour", async () => {
    const instance = create([inVault("blueprint")]);
    await exchangeWith(instance);
    await instance.forget();
    await exchangeWith(instance);
    expect(fetched).toBe(1);
  });

  test("is asked again when Entra refuses the certificate that it gave", async () => {
    const other = await startEmulator({ directory: await directory(["second.cert.pem"]) });
    try {
      const instance = create([inVault("blueprint")], {
        instance: other.url,
      });
      const call = () => instance.forApp().headerFor("Graph");
      await expect(call()).rejects.toMatchObject({ code: "credential_refused", aadsts: 700027 });
      secret = (await readFile(join(certificates, "second.no-password.pfx"))).toString("base64");
      expect(await call()).toMatch(/^Bearer /);
      expect(other.requests.map(({ outcome }) => outcome.status)).toEqual([401, 401, 401, 200]);
    } finally {
      await other.close();
    }
  });

  test("names the certificate that it does not have", async () => {
    const instance = create([inVault("missing")]);
    await expect(instance.forApp().headerFor("Graph")).rejects.toMatchObject({ code: "credential_missing" });
  });
});

describe("rotation", () => {
  test("takes up a certificate that replaced another on disk, without a restart", async () => {
    const other = await startEmulator({ directory: await directory(["second.cert.pem"]) });
    const path = join(folder, "rotating.pfx");
    await copyFile(join(certificates, "first.no-password.pfx"), path);
    try {
      const instance = create([{ sourceType: "Path", certificateDiskPath: path }], { instance: other.url });
      const call = () => instance.forApp().headerFor("Graph");
      await expect(call()).rejects.toMatchObject({ code: "credential_refused", aadsts: 700027 });
      await copyFile(join(certificates, "second.no-password.pfx"), path);
      expect(await call()).toMatch(/^Bearer /);
    } finally {
      await other.close();
    }
  });

  test("warns thirty days before a certificate expires, once a day, and refuses to use it after", async () => {
    const { notAfter } = await signer();
    const day = 24 * 60 * 60 * 1000;
    let now = notAfter - 31 * day;
    const instance = create(
      [{ sourceType: "Path", certificateDiskPath: join(certificates, "first.no-password.pfx") }],
      {
        clock: () => now,
      },
    );
    // The emulator lives today, and refuses what was signed in the future; the warning comes before that.
    const call = () =>
      instance
        .forApp()
        .headerFor("Graph")
        .catch((error: unknown) => error);
    await call();
    expect(warnings).toEqual([]);
    now = notAfter - 29 * day;
    await call();
    now += day / 2;
    await call();
    expect(warnings).toEqual([expect.stringMatching(/first.* expires in 29 days.*Renew it/)]);
    now = notAfter + 1;
    expect(await call()).toMatchObject({
      code: "credential_missing",
      message: expect.stringMatching(/expired on .*; renew it/),
    });
  });
});

describe("in order", () => {
  test("the first that loads is used, and what failed is named when none does", async () => {
    const missing: ClientCredential = { sourceType: "Path", certificateDiskPath: join(folder, "absent.pfx") };
    const secret: ClientCredential = { sourceType: "ClientSecret", clientSecret: emulator.blueprint.clientSecret };
    const instance = create([missing, secret]);
    await instance.forApp().headerFor("Graph");
    expect(Object.keys(emulator.requests[0]?.params ?? {})).toContain("client_secret");
    expect((await instance.explain("Graph")).legs[0]?.credential).toBe("ClientSecret");

    const wrong: ClientCredential = {
      sourceType: "Path",
      certificateDiskPath: join(certificates, "first.aes256.pfx"),
      certificatePassword: "wr0ng-password",
    };
    const file: ClientCredential = { sourceType: "SignedAssertionFilePath" };
    const error = await create([missing, wrong, file])
      .forApp()
      .headerFor("Graph")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "credential_missing",
      message: expect.stringMatching(
        /clientCredentials\.0 \(Path\): .*ENOENT.*check certificateDiskPath; clientCredentials\.1 \(Path\): .*password is wrong.*; clientCredentials\.2 \(SignedAssertionFilePath\): .*AZURE_FEDERATED_TOKEN_FILE/,
      ),
    });
    expect(String(error)).not.toContain("wr0ng-password");
  });

  test("a managed identity where there is none says so, and the next credential serves", async () => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
    const managedIdentity: ClientCredential = { sourceType: "SignedAssertionFromManagedIdentity" };
    const secret: ClientCredential = { sourceType: "ClientSecret", clientSecret: emulator.blueprint.clientSecret };
    expect(await create([managedIdentity, secret]).forApp().headerFor("Graph")).toMatch(/^Bearer /);
    await expect(create([managedIdentity]).forApp().headerFor("Graph")).rejects.toMatchObject({
      code: "credential_missing",
      message: expect.stringContaining("A managed identity exists on Azure alone"),
    });
  });

  test("a certificate in the options that cannot be read is a mistake at creation", () => {
    const create64 = (base64EncodedValue: string) => () =>
      create([{ sourceType: "Base64Encoded", base64EncodedValue }]);
    expect(create64("bm90IGEgUEZY")).toThrow(
      /clientCredentials\.0\.base64EncodedValue must be the base64 of a PFX or PEM/,
    );
    expect(create64("bm90IGEgUEZY")).toThrow(expect.objectContaining({ code: "options_invalid" }));
  });
});

describe("a managed identity straight to a resource", () => {
  test.each([
    ["system-assigned", true, systemAssigned],
    ["user-assigned", userAssigned.clientId, userAssigned],
  ] as const)("%s, whoever called", async (_name, managedIdentity, identity) => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.url);
    const instance = create([], {
      downstreamApis: { Vault: { scopes: ["https://vault.azure.net/.default"], managedIdentity } },
    });
    const auth = await instance.authenticate({ authorization: `Bearer ${await emulator.mint("user")}` });
    const { accessToken, expiresOn } = await auth.tokenFor("Vault");
    expect(decodeJwt(accessToken)).toMatchObject({
      aud: "https://vault.azure.net",
      oid: identity.principalId,
      idtyp: "app",
    });
    expect(expiresOn.getTime()).toBeGreaterThan(Date.now() + 3600 * 1000);
    expect(await auth.headerFor("Vault")).toBe(`Bearer ${accessToken}`);
    expect(emulator.requests).toEqual([]);
    expect(await auth.explain("Vault")).toMatchObject({
      flow: "managed-identity",
      legs: [{ kind: "managed-identity", credential: "the machine itself", cached: true }],
    });
  });

  test("an identity that does not exist is a clear error", async () => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.url);
    const instance = create([], {
      downstreamApis: { Vault: { scopes: ["https://vault.azure.net/.default"], managedIdentity: emulator.tenantId } },
    });
    await expect(instance.forApp().headerFor("Vault")).rejects.toMatchObject({
      code: "managed_identity_unavailable",
      status: 503,
      message: expect.stringContaining("Identity not found"),
    });
  });
});
