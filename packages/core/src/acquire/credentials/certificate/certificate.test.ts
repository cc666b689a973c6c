import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCertificate } from "./certificate.js";

const folder = join(import.meta.dirname, "../../../../test/certificates");
const file = (name: string) => readFileSync(join(folder, name));
const password = "pässwörd 1";
const reference = readCertificate(Buffer.concat([file("first.cert.pem"), file("first.key.pem")]), {
  password: undefined,
});

describe("readCertificate", () => {
  test.each([
    ["a PFX in AES-256", "first.aes256.pfx", { password }],
    ["a PFX in 3DES", "first.3des.pfx", { password }],
    ["a PFX in RC2, as Windows once made them", "first.rc2.pfx", { password: "x" }],
    ["a PFX without a password", "first.no-password.pfx", { password: undefined }],
    [
      "PEM with the key in another file",
      "first.cert.pem",
      { password: undefined, privateKeyPem: file("first.key.pem").toString() },
    ],
    [
      "PEM with an encrypted key",
      "first.cert.pem",
      { password: "s3cret-key", privateKeyPem: file("first.encrypted-key.pem").toString() },
    ],
  ])("reads %s", (_name, name, secrets) => {
    const certificate = readCertificate(file(name), secrets);
    expect(certificate).toMatchObject({
      thumbprint: reference.thumbprint,
      chain: reference.chain,
      notAfter: reference.notAfter,
      subject: "O=Contoso, CN=agent-auth test first",
    });
    expect(certificate.privateKey.equals(reference.privateKey)).toBe(true);
  });

  test.each([
    ["a PFX with a wrong password", "first.aes256.pfx", { password: "wr0ng" }, /password is wrong/],
    [
      "a PFX with a wrong password beyond ASCII",
      "first.aes256.pfx",
      { password: "wröng" },
      /check certificatePassword/,
    ],
    ["an old PFX with a wrong password", "first.3des.pfx", { password: "wr0ng" }, /password is wrong/],
    ["a PFX that needs a password", "first.aes256.pfx", { password: undefined }, /password is wrong/],
    ["a PFX without a key", "no-key.pfx", { password: undefined }, /no private key/],
    ["PEM without a key", "first.cert.pem", { password: undefined }, /privateKeyDiskPath/],
    ["PEM without a certificate", "first.key.pem", { password: undefined }, /no certificate/],
    [
      "PEM with the key of another certificate",
      "first.cert.pem",
      { password: undefined, privateKeyPem: file("second.key.pem").toString() },
      /no certificate in it belongs to the private key/,
    ],
    [
      "an encrypted key with a wrong password",
      "first.cert.pem",
      { password: "wr0ng", privateKeyPem: file("first.encrypted-key.pem").toString() },
      /check certificatePassword/,
    ],
    [
      "a key that is not RSA",
      "ec.cert.pem",
      { password: undefined, privateKeyPem: file("ec.key.pem").toString() },
      /not RSA/,
    ],
  ] as [string, string, Parameters<typeof readCertificate>[1], RegExp][])(
    "refuses %s, and says what to do",
    (_name, name, secrets, message) => {
      const attempt = () => readCertificate(file(name), secrets);
      expect(attempt).toThrow(message);
      expect(attempt).not.toThrow(/wr0ng/);
    },
  );

  test("refuses a damaged file with an error, whatever the damage", () => {
    const pfx = file("first.no-password.pfx");
    fc.assert(
      fc.property(fc.nat(pfx.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const damaged = cut ? pfx.subarray(0, at) : Buffer.from(pfx);
        if (!cut) damaged[at] = (damaged[at] ?? 0) ^ flip;
        try {
          const { thumbprint, privateKey } = readCertificate(damaged, { password: undefined });
          // Damage to the names of things changes neither key nor certificate.
          expect(thumbprint).toBe(reference.thumbprint);
          expect(privateKey.equals(reference.privateKey)).toBe(true);
        } catch (error) {
          if (!(error instanceof Error) || error.name === "AssertionError") throw error;
          expect(error.message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});
