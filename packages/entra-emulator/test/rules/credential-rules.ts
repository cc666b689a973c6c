import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { appForm, assertionForm, ids, secrets, type World, without } from "../world.js";
import type { Rule } from "./rule.js";

const withSecret = (world: World) => world.post(appForm());
const withCertificate = async (world: World) => world.post(assertionForm(await world.certificateAssertion()));
const withExternal = async (world: World) => world.post(assertionForm(await world.externalAssertion()));
const now = () => Math.floor(Date.now() / 1000);
const strangerKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const tampered = (token: string) => {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const flipped = signature.startsWith("A") ? "B" : "A";
  return [header, payload, flipped + signature.slice(1)].join(".");
};

/** How a client proves who it is. */
export const credentialRules: readonly Rule[] = [
  {
    rule: "a client secret is the registered one",
    code: 7000215,
    refused: (world) => world.post(appForm({ client_secret: `${secrets.client}x` })),
    accepted: withSecret,
  },
  {
    rule: "a client secret has not expired",
    code: 7000222,
    refused: (world) => world.post(appForm({ client_secret: secrets.expired })),
    accepted: withSecret,
  },
  {
    rule: "client credentials come with a credential",
    code: 7000216,
    refused: (world) => world.post(without(appForm(), "client_secret")),
    accepted: withSecret,
  },
  {
    rule: "a public client presents no credential",
    code: 700025,
    refused: (world) => world.post(appForm({ client_id: ids.publicClient })),
    accepted: withSecret,
  },
  {
    rule: "a public client cannot act as itself",
    code: 7000218,
    refused: (world) => world.post(without(appForm({ client_id: ids.publicClient }), "client_secret")),
    accepted: withSecret,
  },
  {
    rule: "a client assertion is a JWT",
    code: 50027,
    refused: (world) => world.post(assertionForm("not-a-jwt")),
    accepted: withCertificate,
  },
  {
    rule: "a client assertion names a registered certificate in `x5t`",
    code: 700027,
    refused: async (world) => world.post(assertionForm(await world.certificateAssertion({}, { x5t: "AAAA" }))),
    accepted: withCertificate,
  },
  {
    rule: "a client assertion names a registered certificate in `x5t#S256`",
    code: 700027,
    refused: async (world) => world.post(assertionForm(await world.certificateAssertion({}, { "x5t#S256": "AAAA" }))),
    accepted: async (world) =>
      world.post(assertionForm(await world.certificateAssertion({}, { "x5t#S256": world.certificate.x5tS256 }))),
  },
  {
    rule: "a client assertion is signed with that certificate's key",
    code: 700027,
    refused: async (world) => {
      const forged = await new SignJWT({ iss: ids.client, sub: ids.client, exp: now() + 60 })
        .setProtectedHeader({ alg: "RS256", x5t: world.certificate.x5t })
        .sign(strangerKey);
      return world.post(assertionForm(forged));
    },
    accepted: withCertificate,
  },
  {
    rule: "a client assertion's `iss` and `sub` are the client id",
    code: 700021,
    refused: async (world) => world.post(assertionForm(await world.certificateAssertion({ sub: ids.otherApi }))),
    accepted: withCertificate,
  },
  {
    rule: "a client assertion's `aud` is the token endpoint or the issuer",
    code: 700023,
    refused: async (world) =>
      world.post(
        assertionForm(await world.certificateAssertion({ aud: `${world.emulator.url}/${ids.fabrikam}/v2.0` })),
      ),
    accepted: async (world) =>
      world.post(assertionForm(await world.certificateAssertion({ aud: `${world.emulator.url}/${ids.contoso}/v2.0` }))),
  },
  {
    rule: "a client assertion has not expired (5 minutes tolerance)",
    code: 700024,
    refused: async (world) => world.post(assertionForm(await world.certificateAssertion({ exp: now() - 400 }))),
    accepted: async (world) => world.post(assertionForm(await world.certificateAssertion({ exp: now() - 200 }))),
  },
  {
    rule: "a client assertion is valid already (5 minutes tolerance)",
    code: 700024,
    refused: async (world) => world.post(assertionForm(await world.certificateAssertion({ nbf: now() + 400 }))),
    accepted: async (world) => world.post(assertionForm(await world.certificateAssertion({ nbf: now() + 200 }))),
  },
  {
    rule: "a client assertion's `jti` is new",
    code: 700027,
    refused: async (world) => {
      const assertion = await world.certificateAssertion();
      await world.post(assertionForm(assertion));
      return world.post(assertionForm(assertion));
    },
    accepted: withCertificate,
  },
  {
    rule: "a federated assertion's issuer is the credential's",
    code: 700211,
    refused: async (world) =>
      world.post(assertionForm(await world.externalAssertion({ iss: "https://elsewhere.example" }))),
    accepted: withExternal,
  },
  {
    rule: "a federated assertion's audience is the credential's",
    code: 700212,
    refused: async (world) => world.post(assertionForm(await world.externalAssertion({ aud: "api://other" }))),
    accepted: withExternal,
  },
  {
    rule: "a federated assertion's subject is the credential's, to the letter",
    code: 700213,
    refused: async (world) =>
      world.post(assertionForm(await world.externalAssertion({ sub: "repo:contoso/assistant" }))),
    accepted: withExternal,
  },
  {
    rule: "a federated assertion carries its issuer's signature",
    code: 700027,
    refused: async (world) => world.post(assertionForm(tampered(await world.externalAssertion()))),
    accepted: withExternal,
  },
  {
    rule: "a federated assertion has not expired (5 minutes tolerance)",
    code: 700024,
    refused: async (world) => world.post(assertionForm(await world.externalAssertion({ exp: now() - 400 }))),
    accepted: async (world) => world.post(assertionForm(await world.externalAssertion({ exp: now() - 200 }))),
  },
];
