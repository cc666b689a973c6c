import { codeForm, refreshForm, signIn, signInAndRedeem, signInParams } from "../sign-in.js";
import { ids, secrets, type World, without } from "../world.js";
import type { Rule } from "./rule.js";

const signedIn = (world: World) => signIn(world);
const redeemed = (world: World) => signInAndRedeem(world);
const refreshed = async (world: World) => world.post(refreshForm((await signInAndRedeem(world)).body.refresh_token));
const DAY = 24 * 3600;

/** The sign-in page, authorization codes and refresh tokens. */
export const signInRules: readonly Rule[] = [
  {
    rule: "the redirect URI is registered",
    code: 50011,
    refused: (world) => signIn(world, signInParams({ redirect_uri: "http://localhost:4000/callback/" })),
    accepted: signedIn,
  },
  {
    rule: "an agent identity or blueprint does not sign people in",
    code: 82014,
    refused: (world) => signIn(world, signInParams({ client_id: ids.agent })),
    accepted: signedIn,
  },
  {
    rule: "only a multi-tenant client signs people in at `common`",
    code: 50194,
    refused: (world) => signIn(world, signInParams(), "common"),
    accepted: (world) =>
      signIn(world, signInParams({ client_id: ids.multiTenantClient, scope: "User.Read" }), "common"),
  },
  {
    rule: "`response_type` is `code`",
    code: 700054,
    refused: (world) => signIn(world, signInParams({ response_type: "token" })),
    accepted: signedIn,
  },
  {
    rule: "a public client sends a PKCE challenge",
    code: 9002325,
    refused: (world) =>
      signIn(world, without(signInParams({ client_id: ids.publicClient }), "code_challenge", "code_challenge_method")),
    accepted: (world) => signIn(world, signInParams({ client_id: ids.publicClient })),
  },
  {
    rule: "the PKCE method is S256",
    code: 90023,
    refused: (world) => signIn(world, signInParams({ code_challenge_method: "plain" })),
    accepted: signedIn,
  },
  {
    rule: "a silent sign-in names its user",
    code: 50058,
    refused: (world) => signIn(world, without(signInParams(), "login_hint")),
    accepted: signedIn,
  },
  {
    rule: "the client was granted the scope",
    code: 65001,
    refused: (world) => signIn(world, signInParams({ scope: "Mail.Read" })),
    accepted: (world) => signIn(world, signInParams({ scope: "User.Read" })),
  },
  {
    rule: "an authorization code is redeemed once",
    code: 54005,
    refused: async (world) => {
      const { code } = await signIn(world);
      await world.post(codeForm(code));
      return world.post(codeForm(code));
    },
    accepted: redeemed,
  },
  {
    rule: "an authorization code is redeemed within ten minutes",
    code: 70008,
    refused: async (world) => {
      const { code } = await signIn(world);
      return world.later(600, () => world.post(codeForm(code)));
    },
    accepted: async (world) => {
      const { code } = await signIn(world);
      return world.later(590, () => world.post(codeForm(code)));
    },
  },
  {
    rule: "an authorization code is redeemed by the client it was issued to",
    code: 70000,
    refused: (world) => signInAndRedeem(world, { client_id: ids.otherApi }),
    accepted: redeemed,
  },
  {
    rule: "an authorization code is redeemed with the redirect URI of its request",
    code: 500112,
    refused: (world) => signInAndRedeem(world, { redirect_uri: "http://localhost:4000/other" }),
    accepted: redeemed,
  },
  {
    rule: "the PKCE verifier matches the challenge",
    code: 501481,
    refused: (world) => signInAndRedeem(world, { code_verifier: "x".repeat(43) }),
    accepted: redeemed,
  },
  {
    rule: "the PKCE verifier is there when there was a challenge",
    code: 501481,
    refused: (world) => signInAndRedeem(world, { code_verifier: "" }),
    accepted: redeemed,
  },
  {
    rule: "a refresh token is one that was issued",
    code: 70000,
    refused: (world) => world.post(refreshForm("1.made-up")),
    accepted: refreshed,
  },
  {
    rule: "a refresh token is redeemed by the client it was issued to",
    code: 70000,
    refused: async (world) =>
      world.post(
        refreshForm((await signInAndRedeem(world)).body.refresh_token, {
          client_id: ids.otherApi,
          client_secret: secrets.client,
        }),
      ),
    accepted: refreshed,
  },
  {
    rule: "a refresh token is redeemed within 90 days",
    code: 700082,
    refused: async (world) => {
      const { body } = await signInAndRedeem(world);
      return world.later(90 * DAY, () => world.post(refreshForm(body.refresh_token)));
    },
    accepted: async (world) => {
      const { body } = await signInAndRedeem(world);
      return world.later(89 * DAY, () => world.post(refreshForm(body.refresh_token)));
    },
  },
  {
    rule: "a refresh token was issued after its user was last revoked",
    code: 50173,
    refused: async (world) => {
      const { body } = await signInAndRedeem(world);
      await world.emulator.faults.add({ kind: "revoke-user", user: ids.adele });
      try {
        return await world.post(refreshForm(body.refresh_token));
      } finally {
        world.emulator.faults.clear();
      }
    },
    accepted: async (world) => {
      await world.emulator.faults.add({ kind: "revoke-user", user: ids.adele });
      try {
        return await world.later(1, () => refreshed(world));
      } finally {
        world.emulator.faults.clear();
      }
    },
  },
];
