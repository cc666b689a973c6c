import { describe, expect, test } from "vitest";
import { createAgentAuth } from "../agent-auth.js";
import type { AgentAuthOptions } from "./agent-auth-options.js";
import { parseOptions } from "./parse-options.js";

const valid = {
  tenantId: "7e4a0000-0000-4000-8000-00000000000a",
  clientId: "B1000000-0000-4000-8000-00000000000B",
} as const;

describe("parseOptions", () => {
  test("fills in the defaults and freezes the result", () => {
    const options = parseOptions(valid);
    expect(options).toMatchObject({
      instance: "https://login.microsoftonline.com/",
      clientId: "b1000000-0000-4000-8000-00000000000b",
      audiences: [valid.clientId.toLowerCase(), `api://${valid.clientId.toLowerCase()}`],
      multiTenant: false,
      clockToleranceSeconds: 300,
    });
    expect(Object.isFrozen(options)).toBe(true);
  });

  test.each([
    ["no tenant", { clientId: valid.clientId }, /tenantId is required/],
    ["a client id that is no GUID", { ...valid, clientId: "my-app" }, /clientId must be .*a GUID/],
    ["a misspelt key", { ...valid, clientID: "x" }, /clientID is not an option/],
    [
      "a misspelt key of a service",
      { ...valid, downstreamApis: { Graph: { baseURL: "x" } } },
      /downstreamApis\.Graph\.baseURL is not an option/,
    ],
    ["plain http", { ...valid, instance: "http://login.example/" }, /instance must be https/],
    [
      "a base URL over plain http",
      { ...valid, downstreamApis: { Graph: { baseUrl: "http://graph.example" } } },
      /downstreamApis\.Graph\.baseUrl must be https/,
    ],
    [
      "credentials in a base URL",
      { ...valid, downstreamApis: { G: { baseUrl: "https://u:p@graph.example" } } },
      /downstreamApis\.G\.baseUrl must not hold credentials/,
    ],
    [
      "a base URL that is none",
      { ...valid, downstreamApis: { G: { baseUrl: "graph" } } },
      /downstreamApis\.G\.baseUrl must be an absolute URL/,
    ],
    ["scopes as a string", { ...valid, downstreamApis: { G: { scopes: "User.Read" } } }, /downstreamApis\.G\.scopes/],
    [
      "a scope with a space",
      { ...valid, downstreamApis: { G: { scopes: ["User.Read Mail.Read"] } } },
      /downstreamApis\.G\.scopes\.0 must be one scope/,
    ],
    [
      "an agent identity that is no GUID",
      { ...valid, agentIdentity: "assistant" },
      /agentIdentity must be the client id/,
    ],
    [
      "an unknown credential",
      { ...valid, clientCredentials: [{ sourceType: "Passphrase" }] },
      /clientCredentials\.0.* must be one of: ClientSecret/,
    ],
    [
      "an empty secret",
      { ...valid, clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "" }] },
      /clientCredentials\.0\.clientSecret must not be empty/,
    ],
    ["an odd tenant", { ...valid, tenantId: "contoso" }, /tenantId must be a tenant GUID/],
    [
      "tenants for a single-tenant app",
      { ...valid, allowedTenants: [valid.tenantId] },
      /allowedTenants is for multi-tenant apps/,
    ],
    [
      "a tenant that is no GUID",
      { ...valid, tenantId: "common", allowedTenants: ["contoso"] },
      /allowedTenants\.0 must be the id of a tenant \(a GUID/,
    ],
    ["no audience at all", { ...valid, audiences: [] }, /audiences must name an audience/],
    ["a negative bound", { ...valid, tokenCacheMaxEntries: 0 }, /tokenCacheMaxEntries must be above 0/],
  ] as [string, object, RegExp][])("refuses %s, naming the key", (_name, options, message) => {
    const attempt = () => createAgentAuth(options as AgentAuthOptions);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: "options_invalid" }));
  });

  test("names every key that is wrong", () => {
    expect(() => parseOptions({ ...valid, clientId: "x", instance: "y" })).toThrow(/instance .*; clientId /);
  });

  test("accepts plain http for loopback hosts alone", () => {
    for (const host of ["localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:8080"]) {
      expect(parseOptions({ ...valid, instance: `http://${host}` }).instance).toBe(`http://${host}/`);
    }
    for (const host of ["127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]) {
      expect(() => parseOptions({ ...valid, instance: `http://${host}` })).toThrow(/https/);
    }
  });

  test("does not repeat a secret in a message", () => {
    const credential = { sourceType: "ClientSecret", clientSecret: "s3cret", extra: "s3cret" };
    const attempt = () => parseOptions({ ...valid, clientCredentials: [credential] } as unknown as AgentAuthOptions);
    expect(attempt).toThrow(/clientCredentials\.0\.extra/);
    expect(attempt).not.toThrow(/s3cret/);
  });
});
