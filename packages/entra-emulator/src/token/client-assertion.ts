import { X509Certificate } from "node:crypto";
import { compactVerify, decodeProtectedHeader, type JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import { issuerV2 } from "../context.js";
import type { Application, Blueprint } from "../directory/entities.js";
import { requireInTime } from "./exchange-token.js";
import { requireFederatedAssertion } from "./federated-assertion.js";
import { refuse } from "./token-error.js";
import type { TokenRequest } from "./token-request.js";
import { decodeClaims } from "./verify-issued.js";

/**
 * Checks the assertion of an application or blueprint: signed with a registered certificate when it says that the client
 * issued it, otherwise a token of an issuer that a federated credential trusts.
 *
 * @throws {TokenError}
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function requireClientAssertion(
  context: EmulatorContext,
  client: Application | Blueprint,
  request: TokenRequest,
  assertion: string,
): Promise<void> {
  const claims = decodeClaims(assertion);
  if (!claims) throw refuse(50027, { reason: "The client assertion is not a JWT" });
  const header = decodeProtectedHeader(assertion);
  const namesCertificate = header.x5t !== undefined || header["x5t#S256"] !== undefined;
  if (namesCertificate || claims.iss?.toLowerCase() === client.clientId) {
    await requireCertificateAssertion(context, client, request, { assertion, claims, header });
  } else {
    await requireFederatedAssertion(context, client, assertion, claims);
  }
}

interface CertificateAssertion {
  readonly assertion: string;
  readonly claims: JWTPayload;
  readonly header: { readonly x5t?: unknown; readonly "x5t#S256"?: unknown };
}

async function requireCertificateAssertion(
  context: EmulatorContext,
  client: Application | Blueprint,
  request: TokenRequest,
  { assertion, claims, header }: CertificateAssertion,
): Promise<void> {
  const certificate = client.certificates
    .map(({ pem }) => new X509Certificate(pem))
    .find((candidate) => isNamedBy(candidate, header));
  if (!certificate) throw refuse(700027, { reason: "The key was not found" });
  try {
    await compactVerify(assertion, certificate.publicKey, { algorithms: ["RS256", "PS256"] });
  } catch {
    throw refuse(700027, { reason: "The signature does not match the certificate" });
  }
  if (claims.iss?.toLowerCase() !== client.clientId || claims.sub?.toLowerCase() !== client.clientId) {
    throw refuse(700021);
  }
  if (!isForThisEndpoint(context, request, claims.aud)) throw refuse(700023);
  requireInTime(context, claims);
  if (claims.jti !== undefined && !context.replays.remember(`${client.clientId}/${claims.jti}`, claims.exp ?? 0)) {
    throw refuse(700027, { reason: "The assertion was used before: its jti is not new" });
  }
}

function isNamedBy(certificate: X509Certificate, header: CertificateAssertion["header"]): boolean {
  const thumbprint = (hex: string) => Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64url");
  // Some libraries write x5t in plain base64, and Entra takes both.
  const named = (value: unknown) =>
    typeof value === "string" ? value.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") : undefined;
  return (
    named(header.x5t) === thumbprint(certificate.fingerprint) ||
    named(header["x5t#S256"]) === thumbprint(certificate.fingerprint256)
  );
}

function isForThisEndpoint(context: EmulatorContext, request: TokenRequest, audience: JWTPayload["aud"]): boolean {
  const accepted = [request.tenantSegment, request.tenant.id].flatMap((tenant) => [
    `${context.url}/${tenant}/oauth2/v2.0/token`,
    `${context.url}/${tenant}/oauth2/token`,
    issuerV2(context, tenant),
  ]);
  return typeof audience === "string" && accepted.includes(audience);
}
