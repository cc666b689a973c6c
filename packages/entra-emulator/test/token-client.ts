import { decodeJwt, type JWTPayload } from "jose";
import type { Emulator } from "../src/emulator.js";

/** What the token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly accessToken: string;
  readonly claims: JWTPayload;
  /** The number of the AADSTS code, when it refused. */
  readonly aadsts: number | undefined;
}

export const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
export const OBO_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default";
export const GRAPH_DEFAULT = "https://graph.microsoft.com/.default";

export type Form = Record<string, string>;

/** Posts a form to the token endpoint of a tenant. */
export async function postToken(emulator: Emulator, form: Form, tenant = emulator.tenantId): Promise<TokenAnswer> {
  const response = await fetch(`${emulator.url}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return readAnswer(response);
}

export async function readAnswer(response: Response): Promise<TokenAnswer> {
  const body = (await response.json()) as Record<string, unknown>;
  const accessToken = typeof body.access_token === "string" ? body.access_token : "";
  const codes = Array.isArray(body.error_codes) ? (body.error_codes as number[]) : [];
  return {
    status: response.status,
    body,
    accessToken,
    claims: accessToken ? decodeJwt(accessToken) : {},
    aadsts: codes[0],
  };
}

/** The forms of the flows, as `protocol` lists their legs. */
export const forms = {
  t1: (emulator: Emulator, agent: string): Form => ({
    grant_type: "client_credentials",
    client_id: emulator.blueprint.clientId,
    client_secret: emulator.blueprint.clientSecret,
    scope: EXCHANGE_SCOPE,
    fmi_path: agent,
  }),
  agent: (agent: string, t1: string, scope = GRAPH_DEFAULT): Form => ({
    grant_type: "client_credentials",
    client_id: agent,
    client_assertion_type: JWT_BEARER,
    client_assertion: t1,
    scope,
  }),
  onBehalfOf: (agent: string, t1: string, assertion: string, scope = "User.Read"): Form => ({
    grant_type: OBO_GRANT,
    client_id: agent,
    client_assertion_type: JWT_BEARER,
    client_assertion: t1,
    assertion,
    requested_token_use: "on_behalf_of",
    scope,
  }),
  userFic: (agent: string, t1: string, t2: string, user: { username: string } | { user_id: string }): Form => ({
    grant_type: "user_fic",
    client_id: agent,
    client_assertion_type: JWT_BEARER,
    client_assertion: t1,
    user_federated_identity_credential: t2,
    ...user,
    scope: "User.Read Mail.Read",
  }),
};

/** The first agent identity and its agent user. */
export function firstAgent(emulator: Emulator): { agent: string; agentUser: { id: string; username: string } } {
  const agent = emulator.agentIdentities[0]?.clientId;
  const agentUser = emulator.agentUsers[0];
  if (!agent || !agentUser) throw new Error("the directory has no agent user");
  return { agent, agentUser };
}

export async function t1For(emulator: Emulator, agent: string): Promise<string> {
  const answer = await postToken(emulator, forms.t1(emulator, agent));
  if (answer.status !== 200) throw new Error(String(answer.body.error_description));
  return answer.accessToken;
}

export async function t2For(emulator: Emulator, agent: string, t1: string): Promise<string> {
  const answer = await postToken(emulator, forms.agent(agent, t1, EXCHANGE_SCOPE));
  if (answer.status !== 200) throw new Error(String(answer.body.error_description));
  return answer.accessToken;
}
