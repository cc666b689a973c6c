import { readAnswer } from "../token-client.js";
import { appForm, ids, type World, without } from "../world.js";
import type { Rule } from "./rule.js";

const asIs = (world: World) => world.post(appForm());

async function postRaw(world: World, body: string, contentType: string) {
  const response = await fetch(`${world.emulator.url}/${ids.contoso}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "content-type": contentType },
    body,
  });
  return readAnswer(response);
}

const missing = (name: string): Rule => ({
  rule: `\`${name}\` must be there`,
  code: 900144,
  refused: (world) => world.post(without(appForm(), name)),
  accepted: asIs,
});

/** What every token request must satisfy. */
export const requestRules: readonly Rule[] = [
  {
    rule: "the tenant exists, by id or domain",
    code: 90002,
    refused: (world) => world.post(appForm(), "nowhere.example"),
    accepted: (world) => world.post(appForm(), "contoso.example"),
  },
  {
    rule: "client credentials name a tenant, not `common`",
    code: 50059,
    refused: (world) => world.post(appForm(), "common"),
    accepted: asIs,
  },
  missing("grant_type"),
  missing("client_id"),
  missing("scope"),
  {
    rule: "the body is a form",
    code: 900144,
    refused: (world) => postRaw(world, JSON.stringify(appForm()), "application/json"),
    accepted: (world) => postRaw(world, new URLSearchParams(appForm()).toString(), "application/x-www-form-urlencoded"),
  },
  {
    rule: "the body is below 256 KiB",
    code: 9002313,
    refused: (world) => world.post(appForm({ extra: "x".repeat(300_000) })),
    accepted: (world) => world.post(appForm({ extra: "x".repeat(200_000) })),
  },
  {
    rule: "no parameter comes twice",
    code: 9000411,
    refused: (world) =>
      postRaw(world, `${new URLSearchParams(appForm())}&scope=x`, "application/x-www-form-urlencoded"),
    accepted: (world) => postRaw(world, `${new URLSearchParams(appForm())}`, "application/x-www-form-urlencoded"),
  },
  {
    rule: "the grant is one of the supported ones",
    code: 70003,
    refused: (world) => world.post(appForm({ grant_type: "password" })),
    accepted: asIs,
  },
  {
    rule: "the client exists in the tenant",
    code: 700016,
    refused: (world) => world.post(appForm(), ids.fabrikam),
    accepted: (world) =>
      world.post(
        appForm({ client_id: ids.multiTenantClient, scope: "https://graph.microsoft.com/.default" }),
        ids.fabrikam,
      ),
  },
  {
    rule: "the client is enabled",
    code: 7000112,
    refused: (world) => world.post(appForm({ client_id: ids.disabledClient })),
    accepted: asIs,
  },
  {
    rule: "client credentials ask for one API's `/.default`",
    code: 1002012,
    refused: (world) => world.post(appForm({ scope: `api://${ids.orders}/Read` })),
    accepted: asIs,
  },
  {
    rule: "the API exists in the tenant",
    code: 500011,
    refused: (world) => world.post(appForm({ scope: "api://nothing/.default" })),
    accepted: asIs,
  },
];
