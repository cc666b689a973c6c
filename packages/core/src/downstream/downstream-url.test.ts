import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { downstreamUrl } from "./downstream-url.js";

const base = "https://graph.microsoft.com/v1.0";

describe("downstreamUrl", () => {
  test.each([
    ["", "https://graph.microsoft.com/v1.0"],
    ["/", "https://graph.microsoft.com/v1.0"],
    ["/me", "https://graph.microsoft.com/v1.0/me"],
    ["me", "https://graph.microsoft.com/v1.0/me"],
    ["me/messages?$top=10", "https://graph.microsoft.com/v1.0/me/messages?$top=10"],
    ["/me?$filter=a eq '?'", "https://graph.microsoft.com/v1.0/me?$filter=a%20eq%20%27?%27"],
    ["/users/john doe", "https://graph.microsoft.com/v1.0/users/john%20doe"],
    ["/me/drive/root:/a.txt:/content", "https://graph.microsoft.com/v1.0/me/drive/root:/a.txt:/content"],
    ["/users/a@contoso.example", "https://graph.microsoft.com/v1.0/users/a@contoso.example"],
    ["/files/..hidden", "https://graph.microsoft.com/v1.0/files/..hidden"],
    ["/x?next=https://other.example/..", "https://graph.microsoft.com/v1.0/x?next=https://other.example/.."],
  ])("%j → %s", (path, expected) => {
    expect(downstreamUrl(base, path)).toBe(expected);
  });

  test("adds the query, repeating lists and leaving out what is undefined", () => {
    expect(downstreamUrl(`${base}/`, "me?a=1", { $top: 5, b: ["x", "y&z"], c: undefined, d: false })).toBe(
      "https://graph.microsoft.com/v1.0/me?a=1&%24top=5&b=x&b=y%26z&d=false",
    );
  });

  test.each([
    "https://evil.example/me",
    "HTTPS:/evil.example",
    "javascript:alert(1)",
    "//evil.example/me",
    "/\\evil.example",
    "\\\\evil.example",
    "../beta/me",
    "/../beta/me",
    "/me/..",
    "/me/./x",
    "/me/..;a/x",
    "/me/%2e%2e/x",
    "/me/%2E./x",
    "/me%2fx",
    "/me%5cx",
    "/me/%252e%252e/x",
    "/me/%25252fx",
    "/me\u0000",
    "/me\r\nX: y",
    "\t//evil.example",
    "/me%0d%0aX",
    "/me#fragment",
  ])("refuses %j", (path) => {
    expect(() => downstreamUrl(base, path)).toThrow(
      expect.objectContaining({ code: "downstream_url_refused", status: 400 }),
    );
  });

  test("never leaves the base URL, whatever the path", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "/",
        "//",
        "\\",
        "%2e",
        "%2f",
        "%5c",
        "%25",
        "@",
        ":",
        "?",
        "#",
        "http:",
        "evil.example",
        "\t",
        "\n",
        " ",
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let result: URL;
        try {
          result = new URL(downstreamUrl(base, pieces.join("")));
        } catch (error) {
          expect(error).toMatchObject({ code: "downstream_url_refused" });
          return;
        }
        expect(result.origin).toBe("https://graph.microsoft.com");
        expect(result.pathname === "/v1.0" || result.pathname.startsWith("/v1.0/")).toBe(true);
        expect(
          decodeURIComponent(result.pathname.replace(/%(?![0-9a-f]{2})/gi, "%25").replace(/%[89a-f][0-9a-f]/gi, "x")),
        ).not.toMatch(/\/\.\.?(\/|$)/);
      }),
      { numRuns: 5_000 },
    );
  });
});
