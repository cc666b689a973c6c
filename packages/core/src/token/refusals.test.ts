import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AgentAuth, AgentAuthErrorCode, AgentAuthOptions, InboundHeaders } from "../index.js";
import {
  bearer,
  clientId,
  type IssuerKey,
  issuerKey,
  otherTenantId,
  tenantId,
  useIssuer,
} from "./issuer.test-support.js";

const issuer = useIssuer();
let foreign: IssuerKey;
let weak: IssuerKey;
let ofOtherIssuer: IssuerKey;
let app: AgentAuth | undefined;

beforeAll(async () => {
  foreign = await issuerKey("key-1");
  weak = await issuerKey("weak", { bits: 1024 });
  ofOtherIssuer = await issuerKey("of-other-issuer", { issuer: "https://login.elsewhere.example/{tenantid}/v2.0" });
  issuer.keys = [...issuer.keys, weak, ofOtherIssuer];
});

afterEach(() => app?.close());

const part = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(issuer.now / 1000);
const raw = (header: unknown, payload: unknown = issuer.claims(), signature = "AAAA") =>
  bearer(`${part(header)}.${part(payload)}.${signature}`);
const goodHeader = { alg: "RS256", typ: "JWT", kid: "key-1" };

interface Case {
  readonly name: string;
  readonly headers: () => InboundHeaders | Promise<InboundHeaders>;
  readonly code: AgentAuthErrorCode;
  readonly status?: number;
  /** The error code of the challenge. Default `invalid_token`; `null` = none. */
  readonly error?: string | null;
  /** Part of the detail. */
  readonly says: RegExp;
  readonly options?: Partial<AgentAuthOptions>;
  /** Whether keys have to be asked for. Default: nothing reaches the network. */
  readonly network?: boolean;
}

const signed =
  (overrides: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  async () =>
    bearer(await issuer.sign(overrides, header));
const headerRefused = (name: string, header: Record<string, unknown>, says: RegExp): Case => ({
  name,
  headers: () => raw({ ...goodHeader, ...header }),
  code: "token_header_refused",
  says,
});
const algorithmRefused = (alg: unknown): Case => ({
  name: `alg ${JSON.stringify(alg)}`,
  headers: () => raw({ ...goodHeader, alg }),
  code: "token_algorithm_refused",
  says: /alg is not one of: RS256/,
});
const malformed = (name: string, headers: () => InboundHeaders, says = /JWT|JSON object|canonical/): Case => ({
  name,
  headers,
  code: "token_malformed",
  says,
});
const claim = (name: string, overrides: Record<string, unknown>, code: AgentAuthErrorCode, says: RegExp): Case => ({
  name,
  headers: signed(overrides),
  code,
  says,
});
const request = (name: string, headers: () => InboundHeaders, says: RegExp, code?: AgentAuthErrorCode): Case => ({
  name,
  headers,
  code: code ?? "authorization_malformed",
  status: 400,
  error: "invalid_request",
  says,
});

const cases: readonly Case[] = [
  // The header.
  {
    name: "no header",
    headers: () => ({}),
    code: "authorization_missing",
    error: null,
    says: /No Authorization header/,
  },
  {
    name: "an empty header",
    headers: () => ({ authorization: "" }),
    code: "authorization_missing",
    error: null,
    says: /No Authorization/,
  },
  {
    name: "no header, as WHATWG Headers",
    headers: () => new Headers(),
    code: "authorization_missing",
    error: null,
    says: /No Authorization/,
  },
  {
    name: "no header, as raw headers",
    headers: () => ["Host", "x"],
    code: "authorization_missing",
    error: null,
    says: /No Authorization/,
  },
  {
    name: "Basic",
    headers: () => ({ authorization: "Basic dTpw" }),
    code: "authorization_scheme_unsupported",
    error: null,
    says: /scheme/,
  },
  {
    name: "Digest",
    headers: () => ({ authorization: 'Digest username="u"' }),
    code: "authorization_scheme_unsupported",
    error: null,
    says: /scheme/,
  },
  {
    name: "PoP while it is off",
    headers: () => ({ authorization: "PoP eyJ.eyJ.x" }),
    code: "authorization_scheme_unsupported",
    error: null,
    says: /scheme/,
  },
  {
    name: "Bearerer",
    headers: () => ({ authorization: "Bearerer x" }),
    code: "authorization_scheme_unsupported",
    error: null,
    says: /scheme/,
  },
  {
    name: "a token without its scheme",
    headers: async () => ({ authorization: await issuer.sign() }),
    code: "authorization_scheme_unsupported",
    error: null,
    says: /Put "Bearer " before it/,
  },
  request("a scheme alone", () => ({ authorization: "Bearer" }), /no token/),
  request("a scheme and blanks", () => ({ authorization: "Bearer    " }), /no token/),
  request("two tokens", () => ({ authorization: "Bearer a.b.c a.b.c" }), /more than one/),
  request("two tokens with a comma", () => ({ authorization: "Bearer a.b.c,Bearer a.b.c" }), /more than one/),
  request("a token with a tab", () => ({ authorization: "Bearer a.b\t.c" }), /more than one/),
  request(
    "two headers, as a list",
    () => ({ authorization: ["Bearer a.b.c", "Bearer d.e.f"] }),
    /more than one Authorization header/,
  ),
  request(
    "two headers, as raw headers",
    () => ["Authorization", "Bearer a.b.c", "authorization", "Bearer d.e.f"],
    /more than one Authorization header/,
  ),
  request(
    "two headers, as WHATWG Headers",
    () =>
      new Headers([
        ["authorization", "Bearer a.b.c"],
        ["authorization", "Bearer d.e.f"],
      ]),
    /more than one/,
  ),
  request("a credential over the bound", () => bearer("a".repeat(16_384)), /longer than 16384/, "token_too_large"),
  {
    ...request(
      "a credential over a bound of its own",
      () => bearer("a".repeat(100)),
      /longer than 100/,
      "token_too_large",
    ),
    options: { maxTokenBytes: 100 },
  },

  // The shape.
  malformed("garbage", () => bearer("garbage")),
  malformed("one part", () => bearer("eyJhbGciOiJSUzI1NiJ9")),
  malformed("two parts", () => bearer("eyJhbGciOiJSUzI1NiJ9.eyJ9")),
  malformed("four parts", () => bearer("a.b.c.d")),
  malformed("six parts", () => bearer("a.b.c.d.e.f")),
  malformed("an empty signature", () => bearer(`${part(goodHeader)}.${part({})}.`)),
  malformed("an empty payload", () => bearer(`${part(goodHeader)}..AAAA`)),
  malformed("an empty header part", () => bearer(`.${part({})}.AAAA`)),
  malformed("padding", () => bearer(`${part(goodHeader)}=.${part({})}.AAAA`)),
  malformed("standard base64", () => bearer(`${part(goodHeader)}.ab+/.AAAA`)),
  malformed("unicode look-alikes", () => bearer(`${part(goodHeader)}.${part({})}.ААAА`)),
  malformed("a zero byte", () => bearer("a\u0000.b.c")),
  malformed("a header that is no JSON", () => raw("not json")),
  malformed("a header that is a list", () => raw([goodHeader])),
  malformed("a header that is null", () => raw("null")),
  malformed("a header that is a string", () => raw('"RS256"')),
  malformed("a header that is no UTF-8", () =>
    bearer(`${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.${part({})}.AAAA`),
  ),
  malformed("a payload that is no JSON", () => raw(goodHeader, "{")),
  malformed("a payload that is a list", () => raw(goodHeader, [])),
  malformed("a payload that is a number", () => raw(goodHeader, "42")),
  malformed("a signature with loose bits", () => raw(goodHeader, issuer.claims(), "AAB"), /canonical/),
  malformed(
    "a header with loose bits",
    () => bearer(`${part({ ...goodHeader, x: 1 }).slice(0, -1)}B.${part({})}.AAAA`),
    /canonical|JSON object/,
  ),

  // The protected header.
  ...[
    "none",
    "None",
    "NONE",
    "HS256",
    "HS512",
    "RS384",
    "PS256",
    "ES256",
    "EdDSA",
    "rs256",
    "",
    undefined,
    null,
    256,
    ["RS256"],
    {},
  ].map(algorithmRefused),
  headerRefused("crit", { crit: ["exp"] }, /crit/),
  headerRefused("b64", { b64: false }, /b64/),
  headerRefused("jwk", { jwk: { kty: "RSA" } }, /jwk/),
  headerRefused("jku", { jku: "https://evil.example/keys" }, /jku/),
  headerRefused("x5u", { x5u: "https://evil.example/cert" }, /x5u/),
  headerRefused("zip", { zip: "DEF" }, /zip/),
  headerRefused("another typ", { typ: "dpop+jwt" }, /typ/),
  headerRefused("a typ that is no string", { typ: 1 }, /typ/),
  headerRefused("no kid", { kid: undefined }, /kid/),
  headerRefused("an empty kid", { kid: "" }, /kid/),
  headerRefused("a kid that is no string", { kid: 1 }, /kid/),

  // The lifetime.
  claim("no exp", { exp: undefined }, "token_claim_missing", /exp/),
  claim("an exp that is a string", { exp: "2030" }, "token_claim_invalid", /exp/),
  {
    ...claim("an exp beyond numbers", {}, "token_claim_invalid", /exp/),
    headers: () => raw(goodHeader, JSON.stringify(issuer.claims({ exp: "X" })).replace('"X"', "1e999")),
  },
  claim("an exp that is null", { exp: null }, "token_claim_invalid", /exp/),
  claim("expired beyond the tolerance", { exp: 0 }, "token_expired", /expired \(exp\)/),
  {
    name: "expired by a second",
    headers: async () => bearer(await issuer.sign({ exp: seconds() - 300 })),
    code: "token_expired",
    says: /expired/,
  },
  {
    name: "expired, without tolerance",
    headers: async () => bearer(await issuer.sign({ exp: seconds() })),
    code: "token_expired",
    says: /expired/,
    options: { clockToleranceSeconds: 0 },
  },
  {
    name: "not yet valid",
    headers: async () => bearer(await issuer.sign({ nbf: seconds() + 301 })),
    code: "token_not_yet_valid",
    says: /not valid yet \(nbf\)/,
  },
  {
    name: "not yet valid, without tolerance",
    headers: async () => bearer(await issuer.sign({ nbf: seconds() + 1 })),
    code: "token_not_yet_valid",
    says: /nbf/,
    options: { clockToleranceSeconds: 0 },
  },
  claim("an nbf that is a string", { nbf: "now" }, "token_claim_invalid", /nbf/),

  // The audience.
  claim("no aud", { aud: undefined }, "token_claim_missing", /aud/),
  claim("another aud", { aud: "https://graph.microsoft.com" }, "token_audience_refused", /another audience \(aud\)/),
  claim("an aud in capitals", { aud: clientId.toUpperCase() }, "token_audience_refused", /aud/),
  claim("an aud with a slash", { aud: `api://${clientId}/` }, "token_audience_refused", /aud/),
  claim("an aud that is a number", { aud: 1 }, "token_claim_invalid", /aud/),
  claim("an empty list of aud", { aud: [] }, "token_claim_invalid", /aud/),
  claim("a list of other aud", { aud: ["a", "b"] }, "token_audience_refused", /aud/),
  {
    ...claim("the default aud where another is configured", {}, "token_audience_refused", /api:\/\/mine/),
    options: { audiences: ["api://mine"] },
  },

  // Issuer and tenant.
  claim("no iss", { iss: undefined }, "token_claim_missing", /iss/),
  claim("an iss that is no string", { iss: 1 }, "token_claim_missing", /iss/),
  claim("no tid", { tid: undefined }, "token_claim_missing", /tid/),
  claim("a tid that is no GUID", { tid: "contoso" }, "token_claim_invalid", /tid/),
  claim("another tenant", { tid: otherTenantId }, "token_tenant_refused", /tenant \(tid\)/),
  claim(
    "a tid and an iss that disagree",
    { iss: `https://login.microsoftonline.com/${otherTenantId}/v2.0` },
    "token_issuer_refused",
    /disagree/,
  ),
  claim(
    "an iss without a tenant",
    { iss: "https://login.microsoftonline.com/common/v2.0" },
    "token_issuer_refused",
    /disagree/,
  ),
  claim("another ver", { ver: "3.0" }, "token_claim_invalid", /ver/),
  {
    ...claim(
      "the tenant's name at another host",
      { iss: `https://evil.example/${tenantId}/v2.0` },
      "token_issuer_refused",
      /does not trust/,
    ),
    network: true,
  },
  {
    ...claim(
      "a v1.0 issuer in a v2.0 token",
      { iss: `https://sts.windows.net/${tenantId}/` },
      "token_issuer_refused",
      /does not trust/,
    ),
    network: true,
  },
  {
    name: "a v2.0 issuer in a v1.0 token",
    headers: signed({ ver: "1.0" }),
    code: "token_issuer_refused",
    says: /does not trust/,
    network: true,
  },
  {
    name: "an issuer that is not on the list",
    headers: signed({}),
    code: "token_issuer_refused",
    says: /does not trust/,
    options: { issuers: [`https://other.example/${tenantId}/v2.0`] },
    network: true,
  },
  {
    name: "a multi-tenant token of a tenant that is not allowed",
    headers: async () => bearer(await issuer.sign({ tid: otherTenantId, iss: issuer.issuer(otherTenantId) })),
    code: "token_tenant_refused",
    says: /tenant/,
    options: { tenantId: "organizations", allowedTenants: [tenantId] },
    network: true,
  },
  {
    name: "a tenant that the developer's function does not know",
    headers: signed({}),
    code: "token_tenant_refused",
    says: /tenant/,
    options: { tenantId: "common", allowedTenants: async () => false },
    network: true,
  },
  {
    name: "a tenant that the developer's function fails on",
    headers: signed({}),
    code: "tenant_check_failed",
    status: 503,
    error: null,
    says: /Try again/,
    options: { tenantId: "common", allowedTenants: () => Promise.reject(new Error("db down")) },
    network: true,
  },

  // Key and signature.
  {
    name: "an unknown kid",
    headers: signed({}, { kid: "nobody" }),
    code: "token_key_unknown",
    says: /does not publish/,
    network: true,
  },
  {
    name: "a key of 1024 bits",
    headers: async () => bearer(`${part({ ...goodHeader, kid: "weak" })}.${part(issuer.claims())}.AAAA`),
    code: "token_key_unknown",
    says: /does not publish/,
    network: true,
  },
  {
    name: "a key of another issuer",
    headers: async () => bearer(await issuer.sign({}, {}, ofOtherIssuer)),
    code: "token_issuer_refused",
    says: /key of another issuer/,
    network: true,
  },
  {
    name: "a signature by another key of the same kid",
    headers: async () => bearer(await issuer.sign({}, {}, foreign)),
    code: "token_signature_invalid",
    says: /signature/,
    network: true,
  },
  {
    name: "a payload that was changed",
    headers: async () => {
      const [h, , s] = (await issuer.sign()).split(".");
      return bearer(`${h}.${part(issuer.claims({ scp: "admin" }))}.${s}`);
    },
    code: "token_signature_invalid",
    says: /signature/,
    network: true,
  },
  {
    name: "a signature that was cut",
    headers: async () => bearer((await issuer.sign()).slice(0, -6)),
    code: "token_signature_invalid",
    says: /signature/,
    network: true,
  },

  // What the caller cannot be.
  {
    name: "idtyp app with scopes",
    headers: signed({ idtyp: "app" }),
    code: "token_claim_invalid",
    says: /contradict/,
    network: true,
  },
  {
    name: "facets that are no numbers",
    headers: signed({ xms_act_fct: "eleven" }),
    code: "token_claim_invalid",
    says: /xms_act_fct/,
    network: true,
  },
  {
    name: "an agent user without an agent",
    headers: signed({ xms_sub_fct: "13" }),
    code: "token_claim_invalid",
    says: /contradict/,
    network: true,
  },
  {
    name: "no client",
    headers: signed({ azp: undefined }),
    code: "token_claim_missing",
    says: /azp or appid/,
    network: true,
  },
  { name: "no oid", headers: signed({ oid: undefined }), code: "token_claim_missing", says: /oid/, network: true },

  // Encryption.
  {
    name: "an encrypted token where nothing can decrypt",
    headers: () => bearer("a.b.c.d.e"),
    code: "token_decryption_failed",
    says: /no key to decrypt/,
  },
];

describe("refusals", () => {
  test.each(cases)(
    "$name",
    async ({ headers, code, status = 401, error = "invalid_token", says, options, network = false }) => {
      app = issuer.app(options);
      const inbound = await headers();
      issuer.requests = 0;
      const thrown = await app.authenticate(inbound).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      expect(thrown).toMatchObject({ name: "AgentAuthError", code, status, message: expect.stringMatching(says) });
      expect(issuer.requests > 0).toBe(network);

      const answer = app.answer(thrown);
      const problem = JSON.parse(answer?.body ?? "");
      expect(problem).toMatchObject({
        type: `urn:agent-auth:error:${code}`,
        status,
        code,
        detail: expect.stringMatching(says),
      });
      const challenge = answer?.headers["WWW-Authenticate"];
      if (status === 503) expect(challenge).toBeUndefined();
      else if (error === null)
        expect(challenge).toMatch(/^Bearer authorization_uri="http[^"]*\/oauth2\/v2\.0\/authorize"$/);
      else
        expect(challenge).toMatch(
          new RegExp(`^Bearer authorization_uri="[^"]*", error="${error}", error_description="[^"]+"$`),
        );

      const token = "authorization" in inbound ? String(inbound.authorization).split(" ").at(-1) : undefined;
      if (token !== undefined && token.length > 20)
        expect(JSON.stringify(answer) + String(thrown)).not.toContain(token);
    },
  );

  test("are more than eighty", () => {
    expect(cases.length).toBeGreaterThanOrEqual(80);
  });
});
