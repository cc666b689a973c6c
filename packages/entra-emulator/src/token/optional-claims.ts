import type { JWTPayload } from "jose";
import type { Person } from "../directory/entities.js";

/** The optional claims of a person that an API asked for in its registration. */
export function optionalClaimsOf(person: Person, names: readonly string[]): JWTPayload {
  const values: Record<string, unknown> = {
    email: person.username,
    upn: person.username,
    login_hint: person.username,
    groups: person.groups.length > 0 ? person.groups : undefined,
    given_name: person.kind === "user" ? person.givenName : undefined,
    family_name: person.kind === "user" ? person.surname : undefined,
  };
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}
