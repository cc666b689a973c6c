import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompactEncrypt, FlattenedEncrypt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentAuth, AgentAuthOptions } from "../index.js";
import { bearer, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
const certificates = join(import.meta.dirname, "../../test/certificates");
const pem = (name: string) => readFileSync(join(certificates, name));
const publicKeyOf = (name: string) => new X509Certificate(pem(`${name}.cert.pem`)).publicKey;
const fromFile = (name: string) =>
  ({
    sourceType: "Path",
    certificateDiskPath: join(certificates, `${name}.cert.pem`),
    privateKeyDiskPath: join(certificates, `${name}.key.pem`),
  }) as const;

let app: AgentAuth;

beforeEach(() => issuer.warnings.splice(0));
afterEach(() => app.close());

function create(...tokenDecryptionCredentials: NonNullable<AgentAuthOptions["tokenDecryptionCredentials"]>): void {
  app = issuer.app({ tokenDecryptionCredentials });
}

async function encrypt(token: string, header: Record<string, unknown> = {}, certificate = "first"): Promise<string> {
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: "RSA-OAEP", enc: "A256CBC-HS512", typ: "JWT", cty: "JWT", ...header })
    .encrypt(publicKeyOf(certificate));
}

describe("encrypted tokens", () => {
  test.each([
    ["RSA-OAEP", "A256CBC-HS512"],
    ["RSA-OAEP-256", "A256GCM"],
    ["RSA-OAEP", "A128CBC-HS256"],
    ["RSA-OAEP-256", "A128GCM"],
  ])("are decrypted with %s and %s, and the token inside is verified", async (alg, enc) => {
    create(fromFile("first"));
    const inner = await issuer.sign();
    const auth = await app.authenticate(bearer(await encrypt(inner, { alg, enc })));
    expect(auth.caller.kind).toBe("user");
    expect(auth.token).toBe(inner);
  });

  test("seen again need no decryption, and give the same token inside", async () => {
    create(fromFile("first"));
    const inner = await issuer.sign();
    const outer = await encrypt(inner);
    await app.authenticate(bearer(outer));
    expect((await app.authenticate(bearer(outer))).token).toBe(inner);
  });

  test("may be for any of the certificates", async () => {
    create(fromFile("second"), fromFile("first"));
    await app.authenticate(bearer(await encrypt(await issuer.sign())));
    await app.authenticate(bearer(await encrypt(await issuer.sign(), {}, "second")));
  });

  test("are refused when no certificate fits", async () => {
    create(fromFile("second"));
    await expect(app.authenticate(bearer(await encrypt(await issuer.sign())))).rejects.toMatchObject({
      code: "token_decryption_failed",
      status: 401,
    });
  });

  test("do not make a token good that is not", async () => {
    create(fromFile("first"));
    const forged = `${(await issuer.sign()).slice(0, -8)}AAAAAAAA`;
    for (const [inner, code] of [
      [await issuer.sign({ aud: "another" }), "token_audience_refused"],
      [forged, "token_signature_invalid"],
      ["not a token", "token_malformed"],
      [await encrypt(await issuer.sign()), "token_malformed"],
    ] as const) {
      await expect(app.authenticate(bearer(await encrypt(inner)))).rejects.toMatchObject({ code });
    }
  });

  test("that were changed on their way are refused", async () => {
    create(fromFile("first"));
    const parts = (await encrypt(await issuer.sign())).split(".");
    for (const index of [1, 2, 3, 4]) {
      const changed = parts.with(
        index,
        `${(parts[index] ?? "").startsWith("A") ? "B" : "A"}${(parts[index] ?? "").slice(1)}`,
      );
      await expect(app.authenticate(bearer(changed.join(".")))).rejects.toMatchObject({ status: 401 });
    }
  });

  const header = (value: object) => `${Buffer.from(JSON.stringify(value)).toString("base64url")}.AAAA.AAAA.AAAA.AAAA`;
  test.each([
    [
      "PBES2, whose iterations the sender chooses",
      { alg: "PBES2-HS256+A128KW", enc: "A128GCM", p2c: 2 ** 31, p2s: "AAAA" },
      "token_algorithm_refused",
    ],
    ["a shared secret", { alg: "dir", enc: "A128GCM" }, "token_algorithm_refused"],
    ["RSA1_5", { alg: "RSA1_5", enc: "A128GCM" }, "token_algorithm_refused"],
    ["ECDH with a key in the header", { alg: "ECDH-ES", enc: "A128GCM", epk: {} }, "token_algorithm_refused"],
    ["another content encryption", { alg: "RSA-OAEP", enc: "A192GCM" }, "token_algorithm_refused"],
    ["compression", { alg: "RSA-OAEP", enc: "A128GCM", zip: "DEF" }, "token_header_refused"],
    ["crit", { alg: "RSA-OAEP", enc: "A128GCM", crit: ["x"] }, "token_header_refused"],
    ["jku", { alg: "RSA-OAEP", enc: "A128GCM", jku: "https://evil.example" }, "token_header_refused"],
  ])("with %s are refused before any work", async (_name, value, code) => {
    create(fromFile("first"));
    await expect(app.authenticate(bearer(header(value)))).rejects.toMatchObject({ code, status: 401 });
  });

  test("that unpack to more than they are: the bomb is refused by its header", async () => {
    create(fromFile("first"));
    const bomb = await new FlattenedEncrypt(Buffer.alloc(1_000))
      .setProtectedHeader({ alg: "RSA-OAEP", enc: "A256GCM" })
      .encrypt(publicKeyOf("first"));
    const zipped = Buffer.from(JSON.stringify({ alg: "RSA-OAEP", enc: "A256GCM", zip: "DEF" })).toString("base64url");
    const token = [zipped, bomb.encrypted_key, bomb.iv, bomb.ciphertext, bomb.tag].join(".");
    await expect(app.authenticate(bearer(token))).rejects.toMatchObject({ code: "token_header_refused" });
  });
});

describe("the certificates that decrypt", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "agent-auth-decryption-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function install(name: string): void {
    writeFileSync(join(folder, "current.pem"), Buffer.concat([pem(`${name}.cert.pem`), pem(`${name}.key.pem`)]));
  }

  test("are replaced without a restart", async () => {
    install("first");
    create({ sourceType: "Path", certificateDiskPath: join(folder, "current.pem") });
    await app.authenticate(bearer(await encrypt(await issuer.sign())));
    install("second");
    issuer.now += 5 * 60_000;
    await app.authenticate(bearer(await encrypt(await issuer.sign(), {}, "second")));
  });

  test("that cannot be loaded are warned of, and the others are used", async () => {
    create({ sourceType: "Path", certificateDiskPath: join(folder, "missing.pem") }, fromFile("first"));
    await app.authenticate(bearer(await encrypt(await issuer.sign())));
    expect(issuer.warnings.join()).toMatch(/tokenDecryptionCredentials\.0 \(Path\) cannot be loaded: .*missing\.pem/);
  });

  test("of which none can be loaded are a 503, until one can", async () => {
    const path = join(folder, "late.pem");
    create({ sourceType: "Path", certificateDiskPath: path, privateKeyDiskPath: join(certificates, "first.key.pem") });
    const token = await encrypt(await issuer.sign());
    await expect(app.authenticate(bearer(token))).rejects.toMatchObject({
      code: "decryption_keys_unavailable",
      status: 503,
    });
    copyFileSync(join(certificates, "first.cert.pem"), path);
    await app.authenticate(bearer(token));
  });

  test("that stand in the options and cannot be read are told at creation", () => {
    expect(() => create({ sourceType: "Base64Encoded", base64EncodedValue: "AAAA" })).toThrow(
      expect.objectContaining({
        code: "options_invalid",
        message: expect.stringContaining("tokenDecryptionCredentials.0.base64EncodedValue"),
      }),
    );
    app = issuer.app();
  });
});
