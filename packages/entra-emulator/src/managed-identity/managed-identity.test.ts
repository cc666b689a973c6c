import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ManagedIdentityApplication } from "@azure/msal-node";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { firstAgent, forms, JWT_BEARER, postToken, type TokenAnswer } from "../../test/token-client.js";
import { without } from "../../test/world.js";
import { defaultDirectory } from "../directory/default-directory.js";
import { type Emulator, startEmulator } from "../emulator.js";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());
afterEach(() => vi.unstubAllEnvs());

const EXCHANGE = "api://AzureADTokenExchange";
const identity = defaultDirectory.managedIdentities?.[0];
const clientId = identity?.clientId ?? "";
const imds = (query: Record<string, string>, headers: Record<string, string> = { metadata: "true" }) =>
  fetch(`${emulator.url}/metadata/identity/oauth2/token?${new URLSearchParams(query)}`, { headers });
const appService = (query: Record<string, string>, headers: Record<string, string>) =>
  fetch(`${emulator.url}/msi/token?${new URLSearchParams(query)}`, { headers });
const tokenOf = async (response: Response) => ((await response.json()) as { access_token: string }).access_token;
const imdsQuery = { "api-version": "2018-02-01", resource: EXCHANGE };

/** T1 with an assertion as the blueprint's credential, and then the autonomous agent's token. */
async function throughTheBlueprint(assertion: string): Promise<TokenAnswer> {
  const { agent } = firstAgent(emulator);
  const t1 = await postToken(emulator, {
    ...without(forms.t1(emulator, agent), "client_secret"),
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
  });
  return t1.status === 200 ? postToken(emulator, forms.agent(agent, t1.accessToken)) : t1;
}

describe("IMDS", () => {
  it("hands out a token with which the blueprint, and so the agent, authenticates", async () => {
    const response = await imds(imdsQuery);
    const body = (await response.json()) as Record<string, string>;
    expect(body).toMatchObject({ token_type: "Bearer", client_id: clientId, resource: EXCHANGE, expires_in: "86400" });
    expect(decodeJwt(body.access_token ?? "")).toMatchObject({
      iss: `${emulator.url}/${emulator.tenantId}/v2.0`,
      sub: identity?.principalId,
      aud: "fb60f99c-7a34-4190-8149-302f77469936",
      xms_mirid: identity?.resourceId,
    });
    const answer = await throughTheBlueprint(body.access_token ?? "");
    expect(answer.claims).toMatchObject({ appid: firstAgent(emulator).agent, roles: ["User.Read.All"] });
  });

  it("serves unmodified msal-node", async () => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.url);
    const app = new ManagedIdentityApplication({ managedIdentityIdParams: { userAssignedClientId: clientId } });
    const { accessToken } = await app.acquireToken({ resource: EXCHANGE });
    expect((await throughTheBlueprint(accessToken)).status).toBe(200);
  });

  it("refuses a token for another resource as the blueprint's credential", async () => {
    const token = await tokenOf(await imds({ ...imdsQuery, resource: "https://graph.microsoft.com" }));
    expect((await throughTheBlueprint(token)).aadsts).toBe(700211);
  });

  it("refuses without the Metadata header, an unknown identity, an unknown resource, a missing parameter", async () => {
    const answers = await Promise.all([
      imds(imdsQuery, {}),
      imds({ ...imdsQuery, client_id: "00000000-0000-0000-0000-000000000000" }),
      imds({ ...imdsQuery, resource: "api://nothing" }),
      imds({ resource: EXCHANGE }),
      imds({ ...imdsQuery, client_id: clientId }),
    ]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { error_description?: string }[];
    expect(answers.map(({ status }, i) => [status, bodies[i]?.error_description?.slice(0, 40)])).toEqual([
      [400, "Required metadata header not specified"],
      [400, "Identity not found"],
      [400, "AADSTS500011: The resource principal nam"],
      [400, "Required query variable 'api-version' is"],
      [200, undefined],
    ]);
  });
});

describe("App Service", () => {
  it("wants its identity header", async () => {
    const query = { "api-version": "2019-08-01", resource: EXCHANGE };
    const good = await appService(query, { "x-identity-header": "emulator-identity-header" });
    const bad = await appService(query, { "x-identity-header": "guess" });
    expect([good.status, bad.status]).toEqual([200, 401]);
    expect((await throughTheBlueprint(await tokenOf(good))).status).toBe(200);
  });
});

describe("workload identity", () => {
  it("writes a token file that the blueprint can authenticate with, and rotates it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "workload-"));
    const path = join(directory, "tokens", "azure-identity-token");
    const projected = await emulator.projectToken({
      path,
      subject: "system:serviceaccount:agents:assistant",
      lifetime: 600,
    });
    const first = await readFile(path, "utf8");
    expect((await throughTheBlueprint(first)).status).toBe(200);
    expect(projected.env.AZURE_FEDERATED_TOKEN_FILE).toBe(path);

    emulator.advance(601 + 300);
    expect((await throughTheBlueprint(first)).aadsts).toBe(700024);
    await projected.rotate();
    const second = await readFile(path, "utf8");
    expect(second).not.toBe(first);
    expect((await throughTheBlueprint(second)).status).toBe(200);
    emulator.advance(-901);
    await rm(directory, { recursive: true, maxRetries: 5 });
  });

  it("rotates by itself when asked to", async () => {
    const directory = await mkdtemp(join(tmpdir(), "workload-"));
    const path = join(directory, "token");
    const projected = await emulator.projectToken({
      path,
      subject: "system:serviceaccount:agents:assistant",
      rotateEvery: 0.02,
    });
    const first = await readFile(path, "utf8");
    await expect.poll(() => readFile(path, "utf8"), { timeout: 30_000 }).not.toBe(first);
    projected.stop();
    await rm(directory, { recursive: true, maxRetries: 5 });
  });

  it("outlives a file that can no longer be written, and goes on when it can", async () => {
    const directory = await mkdtemp(join(tmpdir(), "workload-"));
    const folder = join(directory, "folder");
    // The folder is a link that is swapped in one step, so that no rotation meets it half changed.
    const point = async (target: string) => {
      await symlink(target, `${folder}.next`);
      await rename(`${folder}.next`, folder);
    };
    const [before, after, blocked] = ["before", "after", "blocked"].map((name) => join(directory, name));
    if (!before || !after || !blocked) throw new Error("no names");
    await Promise.all([mkdir(before), mkdir(after), writeFile(blocked, "a file")]);
    await point(before);
    const subject = "system:serviceaccount:agents:assistant";
    const projected = await emulator.projectToken({ path: join(folder, "token"), subject, rotateEvery: 0.01 });
    await point(blocked);
    await expect(projected.rotate()).rejects.toThrow();
    await sleep(50);
    await point(after);
    await expect.poll(() => readFile(join(after, "token"), "utf8").catch(() => ""), { timeout: 30_000 }).toContain(".");
    projected.stop();
    await rm(directory, { recursive: true, maxRetries: 5 });
  });

  it("is refused for another service account", async () => {
    const directory = await mkdtemp(join(tmpdir(), "workload-"));
    const path = join(directory, "token");
    await emulator.projectToken({ path, subject: "system:serviceaccount:agents:other" });
    expect((await throughTheBlueprint(await readFile(path, "utf8"))).aadsts).toBe(700213);
    await rm(directory, { recursive: true, maxRetries: 5 });
  });

  it("publishes the keys of an issuer of its own", async () => {
    const metadata = (await (await fetch(`${emulator.url}/_workload/.well-known/openid-configuration`)).json()) as {
      jwks_uri: string;
      issuer: string;
    };
    const keys = (await (await fetch(metadata.jwks_uri)).json()) as { keys: { kid: string }[] };
    const entra = (await (await fetch(`${emulator.url}/common/discovery/v2.0/keys`)).json()) as {
      keys: { kid: string }[];
    };
    expect(metadata.issuer).toBe(`${emulator.url}/_workload`);
    expect(keys.keys).toHaveLength(1);
    expect(entra.keys.map(({ kid }) => kid)).not.toContain(keys.keys[0]?.kid);
  });
});
