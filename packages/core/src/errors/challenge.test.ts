import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatChallenge } from "./challenge.js";

describe("formatChallenge", () => {
  test("says nothing but the scheme when there is nothing to say", () => {
    expect(formatChallenge({})).toBe("Bearer");
  });

  test("writes every parameter, claims as base64", () => {
    expect(
      formatChallenge({
        error: "insufficient_claims",
        errorDescription: "Sign in again.",
        scopes: ["a", "b"],
        claims: '{"x":1}',
        authorizationUri: "https://login.example/authorize",
        resourceMetadata: "https://api.example/.well-known/oauth-protected-resource",
      }),
    ).toBe(
      'Bearer authorization_uri="https://login.example/authorize", resource_metadata="https://api.example/.well-known/oauth-protected-resource", error="insufficient_claims", error_description="Sign in again.", scope="a b", claims="eyJ4IjoxfQ=="',
    );
  });

  test("cannot be made to hold another parameter or header, whatever the values", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('"', '", error="x', "\r\nSet-Cookie: a=b", "\\", "a\\", "ü", "\u2028"),
    );
    fc.assert(
      fc.property(value, value, fc.array(value), value, (error, errorDescription, scopes, claims) => {
        const text = formatChallenge({ error, errorDescription, scopes, claims });
        expect(text).toMatch(
          /^Bearer( [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(, [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*")*)?$/,
        );
        const names = [...text.matchAll(/([a-z_]+)="[^"]*"/g)].map(([, name]) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(() => new Headers({ "www-authenticate": text })).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});
