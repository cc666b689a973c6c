import { join } from "node:path";
import { expect, test } from "vitest";
import { createAgentAuth } from "../../index.js";

const certificates = join(import.meta.dirname, "../../../test/certificates");
const app = {
  tenantId: "7e4a0000-0000-4000-8000-000000000001",
  clientId: "b1000000-0000-4000-8000-000000000001",
  fetch: () => Promise.reject(new Error("nobody is to be asked")),
  logger: { warn: () => {}, error: () => {} },
} as const;

test("tells of each credential whether it loads, why it does not, and when a certificate ends", async () => {
  const auth = createAgentAuth({
    ...app,
    clientCredentials: [
      { sourceType: "Path", certificateDiskPath: "/nowhere/certificate.pem" },
      {
        sourceType: "Path",
        certificateDiskPath: join(certificates, "first.cert.pem"),
        privateKeyDiskPath: join(certificates, "first.key.pem"),
      },
      { sourceType: "ClientSecret", clientSecret: "s3cret" },
    ],
  });
  const checks = await auth.checkCredentials();
  expect(checks).toEqual([
    { sourceType: "Path", loaded: false, detail: expect.stringMatching(/certificate\.pem cannot be read/) },
    { sourceType: "Path", loaded: true, expiresOn: expect.any(Date) },
    { sourceType: "ClientSecret", loaded: true },
  ]);
  expect(checks[1]?.expiresOn?.getTime()).toBeGreaterThan(Date.now());
  expect(JSON.stringify(checks)).not.toContain("s3cret");
  await auth.close();
});

test("tells when a certificate that has ended did", async () => {
  const auth = createAgentAuth({
    ...app,
    clock: () => Date.UTC(2400, 0, 1),
    clientCredentials: [
      {
        sourceType: "Path",
        certificateDiskPath: join(certificates, "first.cert.pem"),
        privateKeyDiskPath: join(certificates, "first.key.pem"),
      },
    ],
  });
  const [check] = await auth.checkCredentials();
  expect(check).toMatchObject({
    loaded: false,
    detail: expect.stringMatching(/expired on/),
    expiresOn: expect.any(Date),
  });
  await auth.close();
});
