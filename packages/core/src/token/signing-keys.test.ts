import { afterEach, describe, expect, test } from "vitest";
import type { AgentAuth } from "../index.js";
import { bearer, issuerKey, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
const minute = 60_000;
let app: AgentAuth;

afterEach(async () => {
  issuer.down = false;
  await app.close();
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A token whose claims hold and whose key nobody knows. */
const unknownKid = (kid: string) => bearer(`${part({ alg: "RS256", kid })}.${part(issuer.claims())}.AAAA`);

describe("signing keys", () => {
  test("warmUp() fetches them, so that requests need not", async () => {
    app = issuer.app();
    await app.warmUp();
    issuer.requests = 0;
    await app.authenticate(bearer(await issuer.sign()));
    expect(issuer.requests).toBe(0);
  });

  test("are fetched once for requests that come together", async () => {
    app = issuer.app();
    issuer.keyRequests = 0;
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, uti) => issuer.sign({ uti })));
    await Promise.all(tokens.map((token) => app.authenticate(bearer(token))));
    expect(issuer.keyRequests).toBe(1);
  });

  test.each([
    ["warm", true],
    ["cold", false],
  ])("10,000 requests with 10,000 unknown kids cause one fetch, %s", async (_name, warm) => {
    app = issuer.app();
    if (warm) await app.warmUp();
    issuer.keyRequests = 0;
    const refusals = await Promise.allSettled(
      Array.from({ length: 10_000 }, (_, index) => app.authenticate(unknownKid(`kid-${index}`))),
    );
    expect(
      refusals.every((refusal) => refusal.status === "rejected" && refusal.reason.code === "token_key_unknown"),
    ).toBe(true);
    expect(issuer.keyRequests).toBe(1);
    await expect(app.authenticate(unknownKid("one-more"))).rejects.toMatchObject({ code: "token_key_unknown" });
    expect(issuer.keyRequests).toBeLessThanOrEqual(2);
    issuer.keyRequests = 0;
    await expect(app.authenticate(unknownKid("and-more"))).rejects.toMatchObject({ code: "token_key_unknown" });
    expect(issuer.keyRequests).toBe(0);
    issuer.now += 30_000;
    await expect(app.authenticate(unknownKid("later"))).rejects.toMatchObject({ code: "token_key_unknown" });
    expect(issuer.keyRequests).toBe(1);
  });

  test("an endpoint that is down with nothing cached is a 503 with Retry-After, asked again after the cool-down", async () => {
    app = issuer.app();
    issuer.down = true;
    issuer.requests = 0;
    const attempt = () => app.authenticate(unknownKid("key-1")).catch((error: unknown) => error);
    const first = await attempt();
    expect(first).toMatchObject({ code: "keys_unavailable", status: 503, headers: { "Retry-After": "30" } });
    expect(app.answer(first)?.headers).toMatchObject({ "Retry-After": "30" });
    expect(app.answer(first)?.headers).not.toHaveProperty("WWW-Authenticate");
    issuer.now += 20_000;
    expect(await attempt()).toMatchObject({ code: "keys_unavailable", headers: { "Retry-After": "10" } });
    expect(issuer.requests).toBe(1);
    issuer.down = false;
    issuer.now += 10_000;
    await app.authenticate(bearer(await issuer.sign()));
  });

  test("keep working through an outage, new tokens of known keys included, until they are a day old", async () => {
    app = issuer.app();
    await app.warmUp();
    issuer.down = true;
    const seen = await issuer.sign();
    await app.authenticate(bearer(seen));
    for (let elapsed = 0; elapsed < 60; elapsed += 5) {
      issuer.now += 5_000;
      await app.authenticate(bearer(seen));
      await app.authenticate(bearer(await issuer.sign({ uti: elapsed })));
    }
    issuer.now += 23 * 60 * minute;
    await app.authenticate(bearer(await issuer.sign()));
    issuer.now += 60 * minute;
    await expect(app.authenticate(bearer(await issuer.sign()))).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(issuer.warnings.join()).toMatch(/keys could not be fetched/);
  });

  test("are refreshed in the background once they are an hour old", async () => {
    app = issuer.app();
    await app.warmUp();
    issuer.keyRequests = 0;
    issuer.now += 59 * minute;
    await app.authenticate(bearer(await issuer.sign()));
    expect(issuer.keyRequests).toBe(0);
    issuer.now += 2 * minute;
    await app.authenticate(bearer(await issuer.sign()));
    await expect.poll(() => issuer.keyRequests).toBe(1);
  });

  test("a key that is published before it signs is picked up without a failed request, under load", async () => {
    app = issuer.app();
    await app.warmUp();
    const [before] = issuer.keys;
    const next = await issuerKey("rotated");
    let refused = 0;
    let accepted = 0;
    const load = async (key: typeof before, count: number) => {
      const tokens = await Promise.all(
        Array.from({ length: count }, () => issuer.sign({ uti: Math.random() }, {}, key)),
      );
      const results = await Promise.allSettled(tokens.map((token) => app.authenticate(bearer(token))));
      const good = results.filter(({ status }) => status === "fulfilled").length;
      accepted += good;
      refused += count - good;
    };
    await load(before, 50);
    issuer.keys = [...issuer.keys, next];
    issuer.keyRequests = 0;
    await Promise.all([load(before, 50), load(next, 50)]);
    await load(next, 50);
    expect({ refused, accepted }).toEqual({ refused: 0, accepted: 200 });
    expect(issuer.keyRequests).toBe(1);
  });

  test("one key that cannot be read does not take the others with it", async () => {
    const broken = await issuerKey("broken");
    const [good] = issuer.keys;
    issuer.keys = [{ ...broken, jwk: { ...broken.jwk, e: "" } }, { ...broken, jwk: null as never }, ...issuer.keys];
    app = issuer.app();
    await app.authenticate(bearer(await issuer.sign({}, {}, good)));
  });
});
