interface Refusal {
  readonly error: string;
  /** Default 400. */
  readonly status?: number;
  readonly suberror?: string;
  /** `{name}` is replaced by the detail of that name. */
  readonly text: string;
}

/**
 * Every refusal of the token endpoint by its AADSTS number.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const refusals = {
  50011: {
    error: "invalid_request",
    text: "The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs configured for the application '{client}'.",
  },
  50013: { error: "invalid_grant", text: "Assertion failed signature validation. [Reason - {reason}]" },
  50027: { error: "invalid_grant", text: "JWT token is invalid or malformed. [Reason - {reason}]" },
  50034: {
    error: "invalid_grant",
    text: "The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.",
  },
  50057: { error: "invalid_grant", text: "The user account is disabled. [{user}]" },
  50058: { error: "login_required", text: "A silent sign-in request was sent but no user is signed in." },
  50059: {
    error: "invalid_request",
    text: "No tenant-identifying information found in either the request or implied by any provided credentials.",
  },
  50076: {
    error: "interaction_required",
    suberror: "basic_action",
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'.",
  },
  50173: {
    error: "invalid_grant",
    suberror: "bad_token",
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
  },
  50194: {
    error: "invalid_request",
    text: "Application '{client}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
  },
  53003: {
    error: "interaction_required",
    suberror: "message_only",
    text: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance for '{resource}'.",
  },
  54005: {
    error: "invalid_grant",
    text: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  65001: {
    error: "invalid_grant",
    suberror: "consent_required",
    text: "The user or administrator has not consented to use the application with ID '{client}' named '{name}'. Send an interactive authorization request for this user and resource.",
  },
  70000: { error: "invalid_grant", text: "Provided grant is invalid or malformed. {reason}" },
  70003: { error: "unsupported_grant_type", text: "The app requested an unsupported grant type '{grant}'." },
  70008: {
    error: "invalid_grant",
    text: "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  },
  70011: {
    error: "invalid_scope",
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
  },
  82008: {
    error: "invalid_request",
    text: "All agentic applications requesting a token exchange token must include the fmipath parameter on the token request.",
  },
  82014: {
    error: "invalid_request",
    text: "Agent identity '{client}' cannot be used in an interactive authorization request. Grant the permissions to its blueprint and make them inheritable.",
  },
  90002: {
    error: "invalid_request",
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  90023: { error: "invalid_request", text: "{reason}" },
  500011: {
    error: "invalid_resource",
    text: "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
  },
  500133: {
    error: "invalid_grant",
    text: "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion {expires}.",
  },
  500112: {
    error: "invalid_grant",
    text: "The reply address '{given}' does not match the reply address '{expected}' provided when requesting Authorization code.",
  },
  501481: {
    error: "invalid_grant",
    text: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  650053: {
    error: "invalid_client",
    text: "The application '{name}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'. Contact the app vendor.",
  },
  700016: {
    error: "unauthorized_client",
    text: "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700021: {
    error: "invalid_client",
    status: 401,
    text: "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
  },
  700023: {
    error: "invalid_client",
    status: 401,
    text: "Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
  },
  700024: {
    error: "invalid_client",
    status: 401,
    text: "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, expiry time of assertion {expires}.",
  },
  700025: {
    error: "invalid_client",
    status: 401,
    text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  700027: {
    error: "invalid_client",
    status: 401,
    text: "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {reason}]",
  },
  700054: {
    error: "unsupported_response_type",
    text: "response_type '{responseType}' is not enabled for the application.",
  },
  700082: { error: "invalid_grant", text: "The refresh token has expired due to inactivity." },
  700211: {
    error: "invalid_client",
    status: 401,
    text: "No matching federated identity record found for presented assertion issuer '{issuer}'.",
  },
  700212: {
    error: "invalid_client",
    status: 401,
    text: "No matching federated identity record found for presented assertion audience '{audience}'.",
  },
  700213: {
    error: "invalid_client",
    status: 401,
    text: "No matching federated identity record found for presented assertion subject '{subject}'.",
  },
  7000112: { error: "unauthorized_client", text: "Application '{client}'({name}) is disabled." },
  7000114: {
    error: "invalid_grant",
    text: "Application '{client}' is not allowed to make application on-behalf-of calls.",
  },
  7000215: {
    error: "invalid_client",
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
  },
  7000216: {
    error: "invalid_client",
    status: 401,
    text: "'client_assertion', 'client_secret' or 'request' is required for the '{grant}' grant type.",
  },
  7000218: {
    error: "invalid_client",
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: {
    error: "invalid_client",
    status: 401,
    text: "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  },
  900144: { error: "invalid_request", text: "The request body must contain the following parameter: '{parameter}'." },
  1002012: {
    error: "invalid_scope",
    text: "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
  },
  9000411: {
    error: "invalid_request",
    text: "The request is not properly formatted. The parameter '{parameter}' is duplicated.",
  },
  9002325: {
    error: "invalid_request",
    text: "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
  },
  9002313: { error: "invalid_request", text: "Invalid request. Request is malformed or invalid. {reason}" },
} as const satisfies Record<number, Refusal>;

/** The number of an AADSTS code that this emulator answers with. */
export type RefusalCode = keyof typeof refusals;

/** Looks a refusal up. */
export function refusalOf(code: RefusalCode): Refusal {
  return refusals[code];
}
