import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultDirectory } from "../directory/default-directory.js";
import { type Emulator, startEmulator } from "../emulator.js";

const CHROMIUM = "/usr/bin/chromium";
const MISSING = `there is no ${CHROMIUM}: apt-get install -y --no-install-recommends chromium`;
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const CLIENT_ID = "c11e0000-0000-4000-8000-000000000002";

/** A single-page application: signs in with PKCE, redeems the code itself, and shows what it got. */
const spa = (settings: Record<string, string>) => `<!doctype html>
<html lang="en"><title>Tasks</title><button>Sign in</button><output></output>
<script type="module">
const { authority, clientId, scope } = ${JSON.stringify(settings)};
const redirectUri = location.origin + "/";
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const endpoints = await (await fetch(authority + "/v2.0/.well-known/openid-configuration")).json();

document.querySelector("button").onclick = async () => {
  const [state, verifier] = [random(), random()];
  Object.assign(sessionStorage, { state, verifier });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  location.assign(endpoints.authorization_endpoint + "?" + new URLSearchParams({
    client_id: clientId, response_type: "code", response_mode: "fragment", redirect_uri: redirectUri, scope, state,
    code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: "S256",
  }));
};

const answer = new URLSearchParams(location.hash.slice(1));
if (answer.has("code")) {
  const body = new URLSearchParams({
    grant_type: "authorization_code", client_id: clientId, redirect_uri: redirectUri, code: answer.get("code"),
    code_verifier: sessionStorage.verifier,
  });
  const tokens = await (await fetch(endpoints.token_endpoint, { method: "POST", body })).json();
  const sent = sessionStorage.state;
  document.querySelector("output").textContent = JSON.stringify({ state: { sent, back: answer.get("state") }, tokens });
}
</script></html>`;

// A gate without Chromium fails with what to install; a developer's machine may do without.
const skipped = !existsSync(CHROMIUM) && !process.env.CI;

describe.skipIf(skipped)(`the sign-in page in a browser${skipped ? ` (SKIPPED, ${MISSING})` : ""}`, () => {
  let server: Server;
  let origin: string;
  let visits: string[];
  let entra: Emulator;
  let browser: Browser;
  let page: Page;
  let thrown: Error[];
  const api = () => `api://${entra.blueprint.clientId}`;

  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) throw new Error(MISSING);
    server = createServer((request, response) => {
      visits.push(request.url ?? "");
      const settings = {
        authority: `${entra.url}/${entra.tenantId}`,
        clientId: CLIENT_ID,
        scope: `${api()}/access_as_user`,
      };
      response.setHeader("content-type", "text/html; charset=utf-8").end(spa(settings));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const tenant = defaultDirectory.tenants[0]?.id ?? "";
    const resource = `api://${defaultDirectory.blueprints?.[0]?.clientId}`;
    entra = await startEmulator({
      directory: {
        ...defaultDirectory,
        applications: [
          { tenant, clientId: CLIENT_ID, displayName: "Tasks", publicClient: true, redirectUris: [`${origin}/`] },
        ],
        delegatedGrants: [{ tenant, client: CLIENT_ID, resource, scopes: ["access_as_user"] }],
        roleAssignments: [],
      },
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  });
  afterAll(async () => {
    await browser?.close();
    await entra?.close();
    server?.closeAllConnections();
    server?.close();
  });
  beforeEach(async () => {
    visits = [];
    thrown = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => thrown.push(error));
  });
  afterEach(async () => {
    await page.close();
    expect(thrown, "what the pages' scripts threw").toEqual([]);
  });

  it("signs the chosen person in to a single-page application, which gets a token for the blueprint's API", async () => {
    await page.goto(origin);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Sign in to Tasks" }).waitFor();
    expect(await page.title()).toBe("Sign in to Tasks – Entra emulator");
    expect(new URL(page.url()).origin).toBe(entra.url);
    await page.getByRole("button", { name: "Ben Walters" }).click();

    const shown = await page.locator("output:not(:empty)").textContent();
    expect(new URL(page.url()).origin).toBe(origin);
    const { state, tokens } = JSON.parse(shown ?? "");
    expect(state.sent).toMatch(/^[\w-]{43}$/);
    expect(state.back).toBe(state.sent);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: entra.blueprint.clientId,
      oid: entra.users.find(({ username }) => username === "ben@contoso.example")?.id,
      scp: "access_as_user",
      azp: CLIENT_ID,
    });
  });

  it("shows a mistake and stays when the redirect URI is not registered", async () => {
    const params = new URLSearchParams({
      client_id: CLIENT_ID,
      response_type: "code",
      redirect_uri: `${origin}/elsewhere`,
      scope: `${api()}/access_as_user`,
    });
    const response = await page.goto(`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize?${params}`);
    expect(response?.status()).toBe(400);
    expect(await page.title()).toBe("Cannot sign in – Entra emulator");
    expect(await page.getByRole("main").textContent()).toContain("AADSTS50011: The redirect URI");
    // Nor does the page have what could still lead away from it.
    expect(await page.locator("script, meta[http-equiv], form, a").count()).toBe(0);
    expect([new URL(page.url()).origin, visits]).toEqual([entra.url, []]);
  });
});
