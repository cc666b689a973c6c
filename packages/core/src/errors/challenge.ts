/** Parameters of a `WWW-Authenticate: Bearer` challenge. @see RFC 6750 section 3, RFC 9728 section 5.1 */
export interface Challenge {
  /** `invalid_request`, `invalid_token`, `insufficient_scope` or `insufficient_claims`; absent when no token came. */
  readonly error?: string;
  readonly errorDescription?: string;
  /** Scopes that would satisfy the request. */
  readonly scopes?: readonly string[];
  /** A claims request (JSON), sent to the client as base64. */
  readonly claims?: string;
  /** The authorization endpoint at which a client gets a token. */
  readonly authorizationUri?: string;
  /** URL of the protected resource metadata document. */
  readonly resourceMetadata?: string;
}

/**
 * A value as an HTTP quoted-string: whatever could end the string or the header is replaced, so that no value can
 * inject a parameter or a header. RFC 6750 allows printable ASCII without `"` and `\` alone.
 */
function quoted(value: string): string {
  return `"${value.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "?")}"`;
}

/** Formats a challenge as the value of the `WWW-Authenticate` header. */
export function formatChallenge(challenge: Challenge): string {
  const parameters: string[] = [];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") parameters.push(`${name}=${quoted(value)}`);
  };
  add("authorization_uri", challenge.authorizationUri);
  add("resource_metadata", challenge.resourceMetadata);
  add("error", challenge.error);
  add("error_description", challenge.errorDescription);
  add("scope", challenge.scopes?.join(" "));
  add("claims", challenge.claims === undefined ? undefined : Buffer.from(challenge.claims).toString("base64"));
  return parameters.length === 0 ? "Bearer" : `Bearer ${parameters.join(", ")}`;
}
