import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { type EmulatorContext, issuerV2 } from "../context.js";
import type { Client, Person } from "../directory/entities.js";

interface IdTokenSubject {
  readonly tenantId: string;
  readonly client: Client;
  readonly person: Person;
  readonly nonce?: string | undefined;
}

/**
 * The claims of an ID token.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
export function idTokenClaims(
  context: EmulatorContext,
  { tenantId, client, person, nonce }: IdTokenSubject,
): JWTPayload {
  const now = context.clock.seconds();
  return {
    aud: client.clientId,
    iss: issuerV2(context, tenantId),
    iat: now,
    nbf: now,
    exp: now + 3600,
    name: person.displayName,
    ...(nonce ? { nonce } : {}),
    oid: person.id,
    preferred_username: person.username,
    sub: createHash("sha256").update(`${person.id}/${client.clientId}`).digest("base64url"),
    tid: tenantId,
    ver: "2.0",
  };
}

/** The `client_info` that MSAL builds its account id from. */
export function clientInfoOf(person: Person, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: person.id, utid: tenantId })).toString("base64url");
}
