import { createHash, randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import { type EmulatorContext, issuerV1, issuerV2 } from "../context.js";
import type { Client, Person, Resource } from "../directory/entities.js";
import { optionalClaimsOf } from "./optional-claims.js";

/** How the client proved itself: `0` public, `1` secret, `2` certificate or federated assertion. */
export type ClientStrength = "0" | "1" | "2";

/** What an access token says. */
export interface AccessTokenSubject {
  readonly tenantId: string;
  readonly client: Client;
  readonly strength: ClientStrength;
  /** Absent for app-only tokens. */
  readonly person?: Person;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly audience: string;
  readonly version: "1.0" | "2.0";
  /** The API, when the directory has it; its optional claims are added. */
  readonly resource?: Resource;
  /** Lifetime in seconds; may be negative for a token that is expired from birth. */
  readonly lifetime: number;
  /** Added last; replaces what is there. */
  readonly extra?: JWTPayload;
}

/** Facets as published tokens list them: 11 is "agent identity", 13 "agent user", the others are to be ignored. */
const AGENT_ACTOR_FACETS = "11 9 1";
const AGENT_SUBJECT_FACETS = "9 1 11";
const AGENT_USER_FACETS = "13 1";
const BLUEPRINT_FACETS = "1 9";

/**
 * Builds the claims of an access token as Entra shapes them for its version and kind of caller.
 *
 * @see https://learn.microsoft.com/entra/agent-id/agent-token-claims
 */
export function accessTokenClaims(context: EmulatorContext, token: AccessTokenSubject): JWTPayload {
  const { tenantId, client, person, version } = token;
  const now = context.clock.seconds();
  // A token that is to be expired already was issued before it expired.
  const issuedAt = token.lifetime > 0 ? now : now + token.lifetime - 3600;
  return {
    aud: token.audience,
    iss: version === "1.0" ? issuerV1(context, tenantId) : issuerV2(context, tenantId),
    iat: issuedAt,
    nbf: issuedAt,
    exp: now + token.lifetime,
    aio: randomBytes(36).toString("base64"),
    ...(version === "1.0"
      ? {
          appid: client.clientId,
          appidacr: token.strength,
          app_displayname: client.displayName,
          idp: issuerV1(context, tenantId),
        }
      : { azp: client.clientId, azpacr: token.strength }),
    ...(person ? personClaims(person, token) : appClaims(context, token)),
    ...actorFacets(client),
    rh: `1.${createHash("sha256").update(`${tenantId}${client.clientId}`).digest("base64url").slice(0, 38)}.`,
    tid: tenantId,
    uti: randomBytes(16).toString("base64url"),
    ver: version,
    ...token.extra,
  };
}

function personClaims(person: Person, token: AccessTokenSubject): JWTPayload {
  const names =
    token.version === "1.0"
      ? { upn: person.username, unique_name: person.username, amr: ["pwd"], acr: "1" }
      : { preferred_username: person.username };
  return {
    idtyp: "user",
    name: person.displayName,
    oid: person.id,
    // A user's `sub` is the same for one API and different for another.
    sub: createHash("sha256").update(`${person.id}/${token.audience}`).digest("base64url"),
    ...names,
    scp: (token.scopes ?? []).join(" "),
    ...(token.roles?.length ? { roles: [...token.roles] } : {}),
    ...(person.kind === "agent-user" ? { xms_sub_fct: AGENT_USER_FACETS } : {}),
    xms_idrel: person.kind === "user" && person.guest ? "5" : "1",
    ...optionalClaimsOf(person, token.resource?.optionalClaims ?? []),
  };
}

function appClaims(context: EmulatorContext, token: AccessTokenSubject): JWTPayload {
  const { client, tenantId } = token;
  const objectId = context.directory.objectIdOf(client, tenantId);
  return {
    idtyp: "app",
    oid: objectId,
    sub: objectId,
    ...(token.roles?.length ? { roles: [...token.roles] } : {}),
    ...(client.kind === "agent-identity" ? { xms_sub_fct: AGENT_SUBJECT_FACETS } : {}),
    ...(client.kind === "blueprint" ? { xms_sub_fct: BLUEPRINT_FACETS } : {}),
    xms_idrel: client.kind === "agent-identity" ? "7 28" : "7",
  };
}

function actorFacets(client: Client): JWTPayload {
  if (client.kind === "agent-identity") {
    return { xms_act_fct: AGENT_ACTOR_FACETS, xms_par_app_azp: client.blueprint };
  }
  return client.kind === "blueprint" ? { xms_act_fct: BLUEPRINT_FACETS } : {};
}
