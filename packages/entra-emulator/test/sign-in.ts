import { createHash, randomBytes } from "node:crypto";
import { type Form, readAnswer, type TokenAnswer } from "./token-client.js";
import { ids, REDIRECT, secrets, type World } from "./world.js";

export const verifier = randomBytes(32).toString("base64url");
export const challenge = createHash("sha256").update(verifier).digest("base64url");

/** Parameters of an authorization request that signs Adele in without the page. */
export const signInParams = (change: Form = {}): Form => ({
  client_id: ids.client,
  response_type: "code",
  redirect_uri: REDIRECT,
  scope: `openid offline_access api://${ids.blueprint}/access_as_user`,
  state: "a state",
  nonce: "a nonce",
  code_challenge: challenge,
  code_challenge_method: "S256",
  prompt: "none",
  login_hint: "adele@contoso.example",
  ...change,
});

/** What the authorization endpoint answered. */
export interface SignInAnswer {
  readonly status: number;
  readonly aadsts: number | undefined;
  readonly code: string;
  readonly location: URL | undefined;
  readonly page: string;
}

export async function signIn(
  world: World,
  params: Form = signInParams(),
  tenant: string = ids.contoso,
): Promise<SignInAnswer> {
  const url = `${world.emulator.url}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams(params)}`;
  const response = await fetch(url, { redirect: "manual" });
  const target = response.headers.get("location");
  const location = target ? new URL(target) : undefined;
  const page = await response.text();
  const text = location?.searchParams.get("error_description") ?? (response.status === 400 ? page : "");
  const aadsts = /AADSTS(\d+)/.exec(text)?.[1];
  return {
    status: response.status,
    aadsts: aadsts === undefined ? undefined : Number(aadsts),
    code: location?.searchParams.get("code") ?? "",
    location,
    page,
  };
}

export const codeForm = (code: string, change: Form = {}): Form => ({
  grant_type: "authorization_code",
  client_id: ids.client,
  client_secret: secrets.client,
  code,
  redirect_uri: REDIRECT,
  code_verifier: verifier,
  ...change,
});

/** Signs in and redeems the code. */
export async function signInAndRedeem(world: World, change: Form = {}): Promise<TokenAnswer> {
  const { code } = await signIn(world);
  return world.post(codeForm(code, change));
}

export const refreshForm = (token: unknown, change: Form = {}): Form => ({
  grant_type: "refresh_token",
  client_id: ids.client,
  client_secret: secrets.client,
  refresh_token: String(token),
  ...change,
});

export { readAnswer };
