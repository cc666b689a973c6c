import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AgentAuth, type AgentAuthOptions, createAgentAuth, loadOptions } from "../index.js";
import { bearer, clientId, issuerKey, otherTenantId, tenantId, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
const apps: AgentAuth[] = [];

function app(overrides: Partial<AgentAuthOptions> = {}): AgentAuth {
  const created = issuer.app(overrides);
  apps.push(created);
  return created;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((created) => created.close()));
});

describe("a token that holds", () => {
  test.each([
    ["as a record", (token: string) => ({ authorization: `Bearer ${token}` })],
    ["as a record with a capital", (token: string) => ({ Authorization: `Bearer ${token}` })],
    ["as headersDistinct", (token: string) => ({ authorization: [`Bearer ${token}`] })],
    ["as rawHeaders", (token: string) => ["Host", "api", "AUTHORIZATION", `Bearer ${token}`]],
    ["as WHATWG Headers", (token: string) => new Headers({ authorization: `Bearer ${token}` })],
    ["with its scheme in lower case", (token: string) => ({ authorization: `bearer ${token}` })],
    ["with its scheme in capitals", (token: string) => ({ authorization: `BEARER ${token}` })],
    ["with blanks around it", (token: string) => ({ authorization: `Bearer   ${token}  ` })],
  ] as const)("is read %s", async (_name, headers) => {
    const token = await issuer.sign();
    const auth = await app().authenticate(headers(token));
    expect(auth.token).toBe(token);
    expect(auth.caller).toMatchObject({ kind: "user", tenantId, scopes: ["access_as_user"] });
    expect(auth.claims).toMatchObject({ aud: clientId });
  });

  test.each([
    ["the audience api://{client id}", { aud: `api://${clientId}` }, {}],
    ["a list with the audience", { aud: ["x", clientId] }, {}],
    ["an audience of its own", { aud: "api://mine" }, { audiences: ["api://mine"] }],
    ["any audience, when the check is skipped", { aud: "https://graph.microsoft.com" }, { audiences: null }],
    ["no audience, when the check is skipped", { aud: undefined }, { audiences: null }],
    ["typ at+jwt", {}, {}, { typ: "at+jwt" }],
    ["typ application/at+jwt", {}, {}, { typ: "application/at+jwt" }],
    ["no typ", {}, {}, { typ: undefined }],
    ["no nbf", { nbf: undefined }, {}],
    ["a tid in capitals", { tid: tenantId.toUpperCase(), iss: undefined }, {}],
    ["no ver, which means 2.0", { ver: undefined }, {}],
    ["a list of issuers", {}, { issuers: ["https://x.example/{tenantid}", "ISSUER"] }],
    ["any issuer, when the check is skipped", { iss: "https://elsewhere.example/" }, { issuers: null }],
  ] as [string, Record<string, unknown>, Partial<AgentAuthOptions>, Record<string, unknown>?][])(
    "may have %s",
    async (_name, claims, options, header = {}) => {
      const issuers = options.issuers?.map((value) => (value === "ISSUER" ? `${issuer.url}/{tenantid}/v2.0` : value));
      const iss = "iss" in claims && claims.iss === undefined ? { iss: issuer.issuer(tenantId) } : {};
      const token = await issuer.sign({ ...claims, ...iss }, header);
      const created = app({ ...options, ...(issuers !== undefined && { issuers }) });
      // The issuer echoes the tenant as it was asked for; Entra states it in lower case.
      await expect(created.authenticate(bearer(token))).resolves.toBeDefined();
    },
  );

  test("holds until the tolerance after its exp is over, and from the tolerance before its nbf", async () => {
    const created = app({ clockToleranceSeconds: 60 });
    const now = Math.floor(issuer.now / 1000);
    await created.authenticate(bearer(await issuer.sign({ exp: now - 59 })));
    await created.authenticate(bearer(await issuer.sign({ nbf: now + 60 })));
    await expect(created.authenticate(bearer(await issuer.sign({ exp: now - 60 })))).rejects.toMatchObject({
      code: "token_expired",
    });
  });

  test("authenticateOptional() lets nobody pass as nobody, and a bad token not at all", async () => {
    const created = app();
    expect(await created.authenticateOptional({})).toBeUndefined();
    expect(await created.authenticateOptional(bearer(await issuer.sign()))).toBeDefined();
    await expect(created.authenticateOptional(bearer("garbage"))).rejects.toMatchObject({ code: "token_malformed" });
    await expect(created.authenticateOptional({ authorization: "" })).rejects.toMatchObject({
      code: "authorization_missing",
    });
  });
});

describe("tokens as Entra makes them", () => {
  let emulator: Emulator;
  let created: AgentAuth;

  beforeAll(async () => {
    emulator = await startEmulator();
    created = createAgentAuth(loadOptions({ env: emulator.env, directory: import.meta.dirname }));
  });

  afterAll(async () => {
    await created.close();
    await emulator.close();
  });

  test.each(["user", "app", "agent", "agent-user", "agent-on-behalf-of-user"] as const)(
    "of the kind %s, in both versions",
    async (kind) => {
      for (const version of ["2.0", "1.0"] as const) {
        const auth = await created.authenticate(bearer(await emulator.mint(kind, { version })));
        expect(auth.caller.kind).toBe(kind);
        expect(auth.claims.ver).toBe(version);
        const blueprint = "blueprint" in auth.caller ? auth.caller.blueprint : undefined;
        expect(blueprint).toBe(kind.startsWith("agent") ? emulator.blueprint.clientId : undefined);
      }
    },
  );
});

describe("multi-tenant apps", () => {
  const ofOtherTenant = () => issuer.sign({ tid: otherTenantId, iss: issuer.issuer(otherTenantId) });

  test.each(["common", "organizations"])("serve every tenant of %s", async (word) => {
    const created = app({ tenantId: word });
    expect((await created.authenticate(bearer(await issuer.sign()))).caller.tenantId).toBe(tenantId);
    expect((await created.authenticate(bearer(await ofOtherTenant()))).caller.tenantId).toBe(otherTenantId);
  });

  test("serve the tenants on a list", async () => {
    const created = app({ tenantId: "organizations", allowedTenants: [otherTenantId.toUpperCase()] });
    await created.authenticate(bearer(await ofOtherTenant()));
    await expect(created.authenticate(bearer(await issuer.sign()))).rejects.toMatchObject({
      code: "token_tenant_refused",
    });
  });

  test("ask a function once in five minutes a tenant, also for tokens seen before", async () => {
    const asked: string[] = [];
    let allowed = true;
    const allowedTenants = async (tenant: string) => {
      asked.push(tenant);
      return allowed;
    };
    const created = app({ tenantId: "organizations", allowedTenants });
    const token = await issuer.sign();
    await Promise.all(
      [1, 2, 3].map(async () => created.authenticate(bearer(await issuer.sign({ uti: Math.random() })))),
    );
    await created.authenticate(bearer(token));
    await created.authenticate(bearer(token));
    expect(asked).toEqual([tenantId]);
    allowed = false;
    issuer.now += 5 * 60_000;
    await expect(created.authenticate(bearer(token))).rejects.toMatchObject({ code: "token_tenant_refused" });
    expect(asked).toEqual([tenantId, tenantId]);
  });

  test("forget the failure of a function", async () => {
    let calls = 0;
    const allowedTenants = () => {
      calls += 1;
      if (calls === 1) throw new Error("db down");
      return true;
    };
    const created = app({ tenantId: "organizations", allowedTenants });
    const token = await issuer.sign();
    await expect(created.authenticate(bearer(token))).rejects.toMatchObject({
      code: "tenant_check_failed",
      status: 503,
    });
    await created.authenticate(bearer(token));
  });

  test("hold a key to its issuer, template or not", async () => {
    const [templated, exact] = await Promise.all([
      issuerKey("templated", { issuer: `${issuer.url}/{tenantid}/v2.0` }),
      issuerKey("exact", { issuer: `${issuer.url}/${tenantId}/v2.0` }),
    ]);
    issuer.keys = [...issuer.keys, templated, exact];
    const created = app({ tenantId: "common" });
    const foreign = { tid: otherTenantId, iss: issuer.issuer(otherTenantId) };
    await created.authenticate(bearer(await issuer.sign(foreign, {}, templated)));
    await created.authenticate(bearer(await issuer.sign({}, {}, exact)));
    await expect(created.authenticate(bearer(await issuer.sign(foreign, {}, exact)))).rejects.toMatchObject({
      code: "token_issuer_refused",
    });
  });
});

describe("authorities with documents of their own", () => {
  test("a tenant named by its domain takes the tenant of its issuer", async () => {
    const before = issuer.issuer;
    issuer.issuer = (tenant) => before(tenant === "contoso.example" ? tenantId : tenant);
    try {
      const created = app({ tenantId: "contoso.example" });
      await created.authenticate(bearer(await issuer.sign()));
      const foreign = await issuer.sign({ tid: otherTenantId, iss: before(otherTenantId) });
      await expect(created.authenticate(bearer(foreign))).rejects.toMatchObject({ code: "token_tenant_refused" });
    } finally {
      issuer.issuer = before;
    }
  });

  test("a B2C policy: no tid, one document for both versions, the user by sub", async () => {
    const before = issuer.issuer;
    const iss = `https://contoso.b2clogin.com/${tenantId}/v2.0/`;
    issuer.issuer = () => iss;
    try {
      const created = app({ authority: `${issuer.url}/b2c_1_signin` });
      const token = await issuer.sign({ iss, tid: undefined, oid: undefined, ver: "1.0", idtyp: undefined });
      const { caller } = await created.authenticate(bearer(token));
      expect(caller).toMatchObject({ kind: "user", tenantId, userId: "subject" });
      const foreign = await issuer.sign({ iss: `https://other.b2clogin.com/${tenantId}/v2.0/`, tid: undefined });
      await expect(created.authenticate(bearer(foreign))).rejects.toMatchObject({ code: "token_issuer_refused" });
    } finally {
      issuer.issuer = before;
    }
  });
});

describe("tokens seen before", () => {
  test("cost no key, and their time is checked again", async () => {
    const created = app();
    const token = await issuer.sign();
    await created.authenticate(bearer(token));
    issuer.requests = 0;
    issuer.now += 60 * 60_000 + 299_000;
    await created.authenticate(bearer(token));
    issuer.now += 1_000;
    await expect(created.authenticate(bearer(token))).rejects.toMatchObject({ code: "token_expired" });
    expect(issuer.requests).toBe(0);
  });

  test("are forgotten when their key is no longer published", async () => {
    const [key] = issuer.keys;
    const leaked = await issuerKey("leaked");
    issuer.keys = [...issuer.keys, leaked];
    const created = app();
    const token = await issuer.sign({}, {}, leaked);
    await created.authenticate(bearer(token));
    issuer.keys = issuer.keys.filter((candidate) => candidate !== leaked);
    await expect(created.authenticate(bearer(await issuer.sign({}, { kid: "unheard-of" }, key)))).rejects.toMatchObject(
      { code: "token_key_unknown" },
    );
    await expect(created.authenticate(bearer(token))).rejects.toMatchObject({ code: "token_key_unknown" });
  });

  test("are not remembered when their key disappears while they are verified", async () => {
    const [key] = issuer.keys;
    const leaked = await issuerKey("leaked-meanwhile");
    issuer.keys = [...issuer.keys, leaked];
    let answer: ((allowed: boolean) => void) | undefined;
    const allowedTenants = () => new Promise<boolean>((resolve) => (answer = resolve));
    const created = app({ tenantId: "organizations", allowedTenants });
    const token = await issuer.sign({}, {}, leaked);
    const verified = created.authenticate(bearer(token));
    await expect.poll(() => answer).toBeDefined();
    issuer.keys = issuer.keys.filter((candidate) => candidate !== leaked);
    await expect(created.authenticate(bearer(await issuer.sign({}, { kid: "unheard-of" }, key)))).rejects.toMatchObject(
      { code: "token_key_unknown" },
    );
    answer?.(true);
    await verified;
    await expect(created.authenticate(bearer(token))).rejects.toMatchObject({ code: "token_key_unknown" });
  });

  test("are admitted at once, without a promise, and refused in the same way", async () => {
    const created = app();
    const token = await issuer.sign();
    const first = created.admit(bearer(token));
    expect(first).toBeInstanceOf(Promise);
    await first;
    const again = created.admit(bearer(token));
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toMatchObject({ caller: { kind: "user" } });
    expect(() => created.admit({})).toThrow(expect.objectContaining({ code: "authorization_missing" }));
  });

  test("do not make a token good that was refused, nor one bad that was good", async () => {
    const created = app();
    const token = await issuer.sign();
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    for (let round = 0; round < 3; round += 1) {
      await expect(created.authenticate(bearer(forged))).rejects.toMatchObject({ code: "token_signature_invalid" });
      await created.authenticate(bearer(token));
    }
  });

  test("are bounded in number", async () => {
    const created = app({ verifiedTokenCacheMaxEntries: 2 });
    const tokens = await Promise.all([1, 2, 3].map((uti) => issuer.sign({ uti })));
    for (const token of tokens) await created.authenticate(bearer(token));
    const known = tokens.filter((token) => !(created.admit(bearer(token)) instanceof Promise));
    expect(known).toHaveLength(2);
  });
});
