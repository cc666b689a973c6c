import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as core from "./index.js";

const dist = join(import.meta.dirname, "../dist");

describe("the build output", () => {
  test("imports what package.json names, Node's own modules, and no web framework", () => {
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => /\.(js|d\.ts)$/.test(file));
    expect(files).toContain("index.js");
    const imported = new Set<string>();
    for (const file of files) {
      const text = readFileSync(join(dist, file), "utf8");
      for (const match of text.matchAll(/(?:from|import)\s*\(?\s*"([^".][^"]*)"/g))
        imported.add(packageOf(match[1] as string));
    }
    const { dependencies, peerDependencies = {} } = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8")) as {
      dependencies: object;
      peerDependencies?: object;
    };
    const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    expect([...imported].filter((name) => !name.startsWith("node:") && !allowed.has(name))).toEqual([]);
    expect([...imported].filter((name) => /^(express|fastify|@nestjs|koa|hono|@agent-auth)/.test(name))).toEqual([]);
  });
});

describe("the public surface", () => {
  test("has these exports, and a change to them is a decision", () => {
    expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
      [
        "AgentAuthError",
        "DownstreamError",
        "EntraError",
        "admission",
        "blueprintOf",
        "combinePolicies",
        "createAgentAuth",
        "createDefaultFetch",
        "defineOptions",
        "denyAgents",
        "errorDefinitions",
        "isAgent",
        "isAgentAuth",
        "isAgentAuthError",
        "isAgentUser",
        "isAppOnly",
        "isDelegated",
        "loadOptions",
        "memoryTokenStore",
        "mergePolicies",
        "nodeRequest",
        "openapiSecurity",
        "readConfiguration",
        "requireAgent",
        "requireAppOnly",
        "requireAuthContext",
        "requireClaim",
        "requireDelegated",
        "requireRoles",
        "requireScopes",
        "requireScopesOrRoles",
        "securitySchemes",
        "servesAnonymous",
      ]
    `);
  });

  test("has these error codes, and a change to them is a decision", () => {
    expect(
      Object.entries(core.errorDefinitions).map(([code, { status }]) => `${status} ${code}`),
    ).toMatchInlineSnapshot(`
      [
        "401 authorization_missing",
        "401 authorization_scheme_unsupported",
        "400 authorization_malformed",
        "400 token_too_large",
        "401 token_malformed",
        "401 token_header_refused",
        "401 token_algorithm_refused",
        "401 token_key_unknown",
        "401 token_signature_invalid",
        "401 token_expired",
        "401 token_not_yet_valid",
        "401 token_audience_refused",
        "401 token_issuer_refused",
        "401 token_tenant_refused",
        "401 token_decryption_failed",
        "401 token_possession_unproven",
        "401 token_claim_missing",
        "401 token_claim_invalid",
        "403 insufficient_scope",
        "403 insufficient_role",
        "403 agent_required",
        "403 agent_denied",
        "403 delegated_required",
        "403 app_only_required",
        "403 claim_required",
        "401 auth_context_required",
        "403 auth_context_unsupported",
        "403 app_only_caller",
        "499 client_closed_request",
        "400 agent_user_without_agent_identity",
        "400 agent_user_ambiguous",
        "400 agent_user_id_invalid",
        "403 agent_identity_not_allowed",
        "400 agent_identity_invalid",
        "400 downstream_url_refused",
        "401 interaction_required",
        "401 assertion_refused",
        "403 session_of_another_user",
        "401 session_ended",
        "403 consent_required",
        "502 credential_refused",
        "502 exchange_refused",
        "503 keys_unavailable",
        "503 decryption_keys_unavailable",
        "503 tenant_check_failed",
        "503 entra_throttled",
        "503 entra_unavailable",
        "503 session_store_unavailable",
        "503 managed_identity_unavailable",
        "504 entra_timeout",
        "502 entra_response_invalid",
        "502 downstream_failed",
        "502 downstream_page_invalid",
        "502 downstream_unreachable",
        "504 downstream_timeout",
        "500 not_authenticated",
        "500 options_invalid",
        "500 service_unknown",
        "500 service_base_url_missing",
        "500 service_scopes_missing",
        "500 service_scopes_invalid",
        "500 tenant_required",
        "500 fmi_path_refused",
        "500 credential_missing",
      ]
    `);
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
