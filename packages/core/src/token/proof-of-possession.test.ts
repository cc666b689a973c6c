import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AgentAuth, InboundRequest } from "../index.js";
import { bearer, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
let app: AgentAuth;
let key: Awaited<ReturnType<typeof generateKeyPair>>;
let jwk: JWK;
let kid: string;

beforeAll(async () => {
  key = await generateKeyPair("RS256", { extractable: true });
  jwk = await exportJWK(key.publicKey);
  kid = await calculateJwkThumbprint(jwk);
});

afterEach(() => app.close());

const target: InboundRequest = { method: "GET", url: "/api/tasks?top=1" };

async function signedRequest(
  payload: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  token?: string,
) {
  const signed = await new SignJWT({
    at: token ?? (await issuer.sign({ cnf: { kid } })),
    ts: Math.floor(issuer.now / 1000),
    m: "GET",
    u: "api.contoso.example",
    p: "/api/tasks",
    nonce: String(Math.random()),
    cnf: { jwk },
    ...payload,
  })
    .setProtectedHeader({ alg: "RS256", typ: "pop", kid, ...header })
    .sign(key.privateKey);
  return { authorization: `PoP ${signed}`, host: "api.contoso.example" };
}

describe("signed HTTP requests, when they are enabled", () => {
  test("pass when the key, the method, the host, the path and the time hold", async () => {
    app = issuer.app({ proofOfPossession: true });
    const auth = await app.authenticate(await signedRequest(), target);
    expect(auth.caller.kind).toBe("user");
    expect(auth.token.split(".")).toHaveLength(3);
  });

  test("pass as raw headers, with the scheme in lower case", async () => {
    app = issuer.app({ proofOfPossession: true });
    const { authorization, host } = await signedRequest();
    await app.authenticate(["Host", host, "Authorization", authorization.replace("PoP", "pop")], target);
  });

  test.each([
    ["for another method", { m: "POST" }, /method \(m\)/],
    ["for another host", { u: "other.example" }, /host \(u\)/],
    ["for another path", { p: "/api/other" }, /path \(p\)/],
    ["without a method", { m: undefined }, /method \(m\)/],
    ["without a host", { u: undefined }, /host \(u\)/],
    ["without a path", { p: undefined }, /path \(p\)/],
    ["without a timestamp", { ts: undefined }, /timestamp \(ts\)/],
    ["from long ago", { ts: 0 }, /too old/],
    ["without a key", { cnf: undefined }, /no public key \(cnf\)/],
    ["with a shared secret", { cnf: { jwk: { kty: "oct", k: "c2VjcmV0" } } }, /no public key \(cnf\)/],
    ["without an access token", { at: undefined }, /no access token \(at\)/],
  ] as const)("are refused %s", async (_name, payload, says) => {
    app = issuer.app({ proofOfPossession: true });
    await expect(app.authenticate(await signedRequest(payload), target)).rejects.toMatchObject({
      code: "token_possession_unproven",
      status: 401,
      message: expect.stringMatching(says),
    });
  });

  test("are refused from the future", async () => {
    app = issuer.app({ proofOfPossession: true });
    const headers = await signedRequest({ ts: Math.floor(issuer.now / 1000) + 301 });
    await expect(app.authenticate(headers, target)).rejects.toMatchObject({ code: "token_possession_unproven" });
  });

  test("are refused when another key signed them than the token is bound to", async () => {
    app = issuer.app({ proofOfPossession: true });
    const other = await generateKeyPair("RS256", { extractable: true });
    const otherJwk = await exportJWK(other.publicKey);
    const boundElsewhere = await issuer.sign({ cnf: { kid: await calculateJwkThumbprint(otherJwk) } });
    for (const payload of [{}, { cnf: { jwk: otherJwk } }]) {
      await expect(app.authenticate(await signedRequest(payload, {}, boundElsewhere), target)).rejects.toMatchObject({
        code: "token_possession_unproven",
        message: expect.stringMatching(/bound to \(cnf\)/),
      });
    }
  });

  test("are refused when the token is bound to no key", async () => {
    app = issuer.app({ proofOfPossession: true });
    const headers = await signedRequest({}, {}, await issuer.sign());
    await expect(app.authenticate(headers, target)).rejects.toMatchObject({
      message: expect.stringMatching(/bound to no key/),
    });
  });

  test("are refused when the access token inside does not hold", async () => {
    app = issuer.app({ proofOfPossession: true });
    const headers = await signedRequest({}, {}, await issuer.sign({ cnf: { kid }, aud: "another" }));
    await expect(app.authenticate(headers, target)).rejects.toMatchObject({ code: "token_audience_refused" });
  });

  test("are good once", async () => {
    app = issuer.app({ proofOfPossession: true });
    const headers = await signedRequest();
    const results = await Promise.allSettled([app.authenticate(headers, target), app.authenticate(headers, target)]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    issuer.now += 200_000;
    await expect(app.authenticate(headers, target)).rejects.toMatchObject({
      message: expect.stringMatching(/sent before/),
    });
  });

  test.each(["jku", "jwk", "x5u", "crit", "b64"])("are refused with %s in the header", async (parameter) => {
    app = issuer.app({ proofOfPossession: true });
    const { authorization, host } = await signedRequest();
    const [, payload, signature] = authorization.slice(4).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "RS256", [parameter]: "x" })).toString("base64url");
    const headers = { authorization: `PoP ${header}.${payload}.${signature}`, host };
    await expect(app.authenticate(headers, target)).rejects.toMatchObject({ code: "token_possession_unproven" });
  });

  test.each(["none", "HS256"])("are refused with alg %s", async (alg) => {
    app = issuer.app({ proofOfPossession: true });
    const { authorization, host } = await signedRequest();
    const [, payload] = authorization.slice(4).split(".");
    const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
    await expect(
      app.authenticate({ authorization: `PoP ${header}.${payload}.AAAA`, host }, target),
    ).rejects.toMatchObject({
      code: "token_possession_unproven",
      message: expect.stringMatching(/alg/),
    });
  });

  test("are refused when the adapter did not tell the method", async () => {
    app = issuer.app({ proofOfPossession: true });
    await expect(app.authenticate(await signedRequest())).rejects.toMatchObject({ code: "token_possession_unproven" });
  });

  test("leave bearer tokens alone, but for those that are bound to a key", async () => {
    app = issuer.app({ proofOfPossession: true });
    await app.authenticate(bearer(await issuer.sign()), target);
    await expect(app.authenticate(bearer(await issuer.sign({ cnf: { kid } })), target)).rejects.toMatchObject({
      code: "token_possession_unproven",
    });
  });
});
