import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeForm, refreshForm, signIn, signInAndRedeem, signInParams } from "../../test/sign-in.js";
import { forms } from "../../test/token-client.js";
import { agentForm, ids, REDIRECT, World, without } from "../../test/world.js";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

describe("the sign-in page", () => {
  it("lists the enabled people of the tenant and sends the choice back to the client with its state", async () => {
    const params = without(signInParams(), "prompt", "login_hint");
    const { status, page } = await signIn(world, params);
    expect(status).toBe(200);
    expect(page).toContain("adele@contoso.example");
    expect(page).not.toMatch(/dan@|carol@|agent-user@/);

    const chosen = await fetch(`${world.emulator.url}/${ids.contoso}/oauth2/v2.0/authorize`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ ...params, user: ids.adele }),
    });
    const location = new URL(chosen.headers.get("location") ?? "");
    expect(location.origin + location.pathname).toBe(REDIRECT);
    expect(location.searchParams.get("state")).toBe("a state");
    const answer = await world.post(codeForm(location.searchParams.get("code") ?? ""));
    expect(answer.claims).toMatchObject({
      aud: ids.blueprint,
      oid: ids.adele,
      scp: "access_as_user",
      azp: ids.client,
    });
  });

  it("escapes what the request says, so that a link cannot inject markup", async () => {
    const { page } = await signIn(
      world,
      without(signInParams({ state: '"><script>alert(1)</script>' }), "prompt", "login_hint"),
    );
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script>alert(1)");
  });

  it("answers in the fragment or as a posted form when asked to", async () => {
    const fragment = await signIn(world, signInParams({ response_mode: "fragment" }));
    expect(new URLSearchParams(fragment.location?.hash.slice(1)).get("code")).toBeTruthy();
    const posted = await signIn(world, signInParams({ response_mode: "form_post" }));
    expect(posted.status).toBe(200);
    expect(posted.page).toContain(`action="${REDIRECT}"`);
    expect(posted.page).toMatch(/name="code" value="1\./);
  });

  it("tells a person, not the address in the request, when that address is not the client's", async () => {
    const { status, location, page } = await signIn(world, signInParams({ redirect_uri: "https://evil.example/" }));
    expect([status, location]).toEqual([400, undefined]);
    expect(page).toContain("AADSTS50011");
  });
});

describe("the code's tokens", () => {
  it("include an id_token with the nonce, client_info and a refresh token when asked for", async () => {
    const { body } = await signInAndRedeem(world, { client_info: "1" });
    const keys = createRemoteJWKSet(new URL(`${world.emulator.url}/${ids.contoso}/discovery/v2.0/keys`));
    const issuer = `${world.emulator.url}/${ids.contoso}/v2.0`;
    const { payload } = await jwtVerify(String(body.id_token), keys, { issuer, audience: ids.client });
    expect(payload).toMatchObject({ nonce: "a nonce", oid: ids.adele, preferred_username: "adele@contoso.example" });
    expect(JSON.parse(Buffer.from(String(body.client_info), "base64url").toString())).toEqual({
      uid: ids.adele,
      utid: ids.contoso,
    });
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, ext_expires_in: 3600 });
    expect(body.refresh_token).toBeTruthy();
    expect(body.scope).toBe(`api://${ids.blueprint}/access_as_user`);
  });

  it("leave out what was not asked for", async () => {
    const { code } = await signIn(world, signInParams({ scope: `api://${ids.blueprint}/access_as_user` }));
    const { body } = await world.post(codeForm(code));
    expect([body.id_token, body.refresh_token, body.client_info]).toEqual([undefined, undefined, undefined]);
  });

  it("let a single-page application call: no secret, PKCE, CORS", async () => {
    const { code } = await signIn(world, signInParams({ client_id: ids.publicClient }));
    const response = await fetch(`${world.emulator.url}/${ids.contoso}/oauth2/v2.0/token`, {
      method: "POST",
      headers: { origin: "http://localhost:4000" },
      body: new URLSearchParams(without(codeForm(code, { client_id: ids.publicClient }), "client_secret")),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("carry the authentication context that a claims challenge asked for", async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    const { code } = await signIn(world, signInParams({ claims }));
    expect((await world.post(codeForm(code))).claims).toMatchObject({ acrs: ["c1"], amr: ["pwd", "mfa"] });
  });
});

describe("refresh tokens", () => {
  it("bring a new refresh token and serve another API of the same user", async () => {
    const { body } = await signInAndRedeem(world);
    const next = await world.post(refreshForm(body.refresh_token, { scope: "User.Read" }));
    expect(next.claims).toMatchObject({ oid: ids.adele, scp: "User.Read" });
    expect(next.body.refresh_token).not.toBe(body.refresh_token);
    expect((await world.post(refreshForm(next.body.refresh_token))).status).toBe(200);
  });

  it("of an agent are redeemed with T1, and with nothing else", async () => {
    const first = await world.post(
      forms.onBehalfOf(ids.agent, await world.t1(), await world.inbound(), "User.Read offline_access"),
    );
    const form = {
      ...agentForm(ids.agent, await world.t1()),
      grant_type: "refresh_token",
      refresh_token: String(first.body.refresh_token),
    };
    const redeemed = await world.post({ ...form, scope: "Mail.Read" });
    expect(decodeJwt(redeemed.accessToken)).toMatchObject({ appid: ids.agent, oid: ids.adele, scp: "Mail.Read" });
    expect((await world.post(without(form, "client_assertion"))).aadsts).toBe(7000218);
  });
});

describe("the multi-tenant authority", () => {
  it("signs in people of every tenant that has the client, and the token names their own tenant", async () => {
    const params = signInParams({
      client_id: ids.multiTenantClient,
      scope: "User.Read offline_access",
      login_hint: "carol@fabrikam.example",
    });
    const { code } = await signIn(world, params, "organizations");
    const answer = await world.post(codeForm(code, { client_id: ids.multiTenantClient }), "organizations");
    expect(answer.claims).toMatchObject({
      tid: ids.fabrikam,
      oid: ids.carol,
      iss: `${world.emulator.url}/${ids.fabrikam}/`,
    });
    const refreshed = await world.post(
      refreshForm(answer.body.refresh_token, { client_id: ids.multiTenantClient }),
      "common",
    );
    expect(refreshed.claims).toMatchObject({ tid: ids.fabrikam, oid: ids.carol });
  });
});
