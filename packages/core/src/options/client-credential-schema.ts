import { z } from "zod";
import { callable, guid, secureUrl } from "./value-schemas.js";

const notEmpty = z.string().min(1, "must not be empty");
const managedIdentityClientId = guid("client id of a user-assigned managed identity").optional();
const certificate = { certificatePassword: z.string().optional(), sendX5c: z.boolean().optional() };

const certificateSources = [
  z.strictObject({
    sourceType: z.literal("Path"),
    certificateDiskPath: notEmpty,
    privateKeyDiskPath: notEmpty.optional(),
    ...certificate,
  }),
  z.strictObject({ sourceType: z.literal("Base64Encoded"), base64EncodedValue: notEmpty, ...certificate }),
  z.strictObject({
    sourceType: z.literal("KeyVault"),
    keyVaultUrl: secureUrl,
    keyVaultCertificateName: notEmpty,
    managedIdentityClientId,
    credential: z
      .custom<object>(
        (value) => typeof (value as { getToken?: unknown })?.getToken === "function",
        "must have getToken()",
      )
      .optional(),
    clientOptions: z.record(z.string(), z.unknown()).optional(),
    sendX5c: z.boolean().optional(),
  }),
] as const;

const sources = [
  z.strictObject({ sourceType: z.literal("ClientSecret"), clientSecret: notEmpty }),
  ...certificateSources,
  z.strictObject({
    sourceType: z.literal("SignedAssertionFromManagedIdentity"),
    managedIdentityClientId,
    tokenExchangeUrl: notEmpty.optional(),
  }),
  z.strictObject({
    sourceType: z.literal("SignedAssertionFilePath"),
    signedAssertionFileDiskPath: notEmpty.optional(),
  }),
  z.strictObject({ sourceType: z.literal("SignedAssertion"), getAssertion: callable }),
] as const;

const names = sources.map((source) => source.shape.sourceType.value);

/** One client credential, by its `sourceType`. */
export const clientCredentialSchema = z.discriminatedUnion("sourceType", sources, {
  error: (issue) => {
    const given = (issue.input as { sourceType?: unknown } | undefined)?.sourceType;
    return typeof given === "string" && given.startsWith("Store")
      ? `must be one of: ${names.join(", ")}. Windows certificate stores cannot be read: export the certificate to a PFX file and use Path`
      : `must be one of: ${names.join(", ")}`;
  },
});

/** One certificate with its private key, by its `sourceType`. */
export const certificateCredentialSchema = z.discriminatedUnion("sourceType", certificateSources, {
  error: `must be one of: ${certificateSources.map((source) => source.shape.sourceType.value).join(", ")}`,
});
