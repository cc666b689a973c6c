import { compactVerify, createRemoteJWKSet, type JWTPayload } from "jose";
import type { EmulatorContext } from "../context.js";
import type { Application, Blueprint } from "../directory/entities.js";
import { TOKEN_EXCHANGE_APP_ID, TOKEN_EXCHANGE_URI } from "../directory/well-known.js";
import { workloadIssuer } from "../managed-identity/workload-identity.js";
import { requireInTime } from "./exchange-token.js";
import { refuse } from "./token-error.js";

/**
 * Checks a token of another issuer against the client's federated credentials, then the issuer's signature.
 * Keys are fetched only from an issuer that a credential names.
 *
 * @throws {TokenError} 700211 issuer, 700212 audience, 700213 subject, 700027 signature, 700024 lifetime
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export async function requireFederatedAssertion(
  context: EmulatorContext,
  client: Application | Blueprint,
  assertion: string,
  claims: JWTPayload,
): Promise<void> {
  const issuer = claims.iss ?? "";
  const ofIssuer = client.federatedCredentials.filter(
    (credential) => credential.issuer.replace("{url}", context.url) === issuer,
  );
  if (ofIssuer.length === 0) throw refuse(700211, { issuer });
  const ofAudience = ofIssuer.filter((credential) => audiencesOf(credential.audience).includes(String(claims.aud)));
  if (ofAudience.length === 0) throw refuse(700212, { audience: String(claims.aud) });
  if (!ofAudience.some((credential) => credential.subject === claims.sub)) {
    throw refuse(700213, { subject: String(claims.sub) });
  }
  await requireSignatureOf(context, issuer, assertion);
  requireInTime(context, claims);
}

async function requireSignatureOf(context: EmulatorContext, issuer: string, assertion: string): Promise<void> {
  try {
    if (issuer.startsWith(`${context.url}/`)) {
      const keys = issuer === workloadIssuer(context) ? context.workloadKeys : context.keys;
      const keyOf = (header: { kid?: string }) => {
        const key = header.kid ? keys.find(header.kid) : undefined;
        if (!key) throw new Error("unknown key");
        return key;
      };
      await compactVerify(assertion, keyOf, { algorithms: ["RS256"] });
    } else {
      await compactVerify(assertion, createRemoteJWKSet(await jwksUriOf(issuer)), { algorithms: ["RS256", "ES256"] });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    throw refuse(700027, { reason: `The issuer's signature could not be verified: ${reason}` });
  }
}

async function jwksUriOf(issuer: string): Promise<URL> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5000),
  });
  const metadata = (await response.json()) as { jwks_uri?: unknown };
  if (typeof metadata.jwks_uri !== "string") throw new Error("the issuer's metadata has no jwks_uri");
  return new URL(metadata.jwks_uri);
}

// Tokens of a tenant name the exchange resource by its app id, credentials by its URI.
function audiencesOf(audience: string): string[] {
  return audience === TOKEN_EXCHANGE_URI ? [TOKEN_EXCHANGE_URI, TOKEN_EXCHANGE_APP_ID] : [audience];
}
