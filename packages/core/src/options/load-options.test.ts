import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadOptions } from "./load-options.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-auth-options-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const settings = {
  AzureAd: {
    TenantId: "contoso.example",
    ClientId: "file-client",
    ClientCredentials: [{ SourceType: "ClientSecret", ClientSecret: "file" }],
  },
  DownstreamApis: {
    Graph: { BaseUrl: "https://graph.microsoft.com/v1.0", Scopes: ["User.Read"], RequestAppToken: false },
  },
};

describe("loadOptions", () => {
  test("reads variables with any spelling of their names", () => {
    const options = loadOptions({
      directory,
      env: {
        AzureAd__TenantId: "t",
        AZUREAD__CLIENTID: "c",
        azuread__instance: "https://login.microsoftonline.us/",
        AzureAd__Audience: "api://x",
        AzureAd__ClientCredentials__1__SourceType: "ClientSecret",
        AzureAd__ClientCredentials__1__ClientSecret: "second",
        AzureAd__ClientCredentials__0__SourceType: "ClientSecret",
        AzureAd__ClientCredentials__0__ClientSecret: "first",
        DownstreamApis__Graph__BaseUrl: "https://graph.microsoft.com/v1.0",
        DownstreamApis__Graph__Scopes: "User.Read Mail.Read",
        DownstreamApis__Graph__RequestAppToken: "True",
        DownstreamApis__MyApi__Scopes__1: "b",
        DownstreamApis__MyApi__Scopes__0: "a",
        DownstreamApis__MyApi__AcquireTokenOptions__Tenant: "other.example",
        PATH: "/bin",
      },
    });
    expect(options).toEqual({
      tenantId: "t",
      clientId: "c",
      instance: "https://login.microsoftonline.us/",
      audiences: ["api://x"],
      clientCredentials: [
        { sourceType: "ClientSecret", clientSecret: "first" },
        { sourceType: "ClientSecret", clientSecret: "second" },
      ],
      downstreamApis: {
        Graph: {
          baseUrl: "https://graph.microsoft.com/v1.0",
          scopes: ["User.Read", "Mail.Read"],
          requestAppToken: true,
        },
        MyApi: { scopes: ["a", "b"], tenantId: "other.example" },
      },
    });
  });

  test("reads appsettings.json, the environment's file over it, and variables over both", () => {
    writeFileSync(join(directory, "appsettings.json"), `\uFEFF${JSON.stringify(settings)}`);
    writeFileSync(join(directory, "appsettings.Staging.json"), JSON.stringify({ azuread: { clientid: "staging" } }));
    const env = { ASPNETCORE_ENVIRONMENT: "Staging", AzureAd__ClientCredentials__0__ClientSecret: "env" };
    expect(loadOptions({ directory, env })).toEqual({
      tenantId: "contoso.example",
      clientId: "staging",
      clientCredentials: [{ sourceType: "ClientSecret", clientSecret: "env" }],
      downstreamApis: {
        Graph: { baseUrl: "https://graph.microsoft.com/v1.0", scopes: ["User.Read"], requestAppToken: false },
      },
    });
  });

  test("refuses a file that is no JSON, without repeating it", () => {
    writeFileSync(join(directory, "appsettings.json"), '{"secret": s3cret}');
    const attempt = () => loadOptions({ directory, env: {} });
    expect(attempt).toThrow(/appsettings\.json is not valid JSON/);
    expect(attempt).not.toThrow(/s3cret/);
  });

  test("refuses a flag that is neither true nor false, naming it", () => {
    expect(() => loadOptions({ directory, env: { DownstreamApis__Graph__RequestAppToken: "yes" } })).toThrow(
      /DownstreamApis__Graph__RequestAppToken must be true or false/,
    );
  });
});
