import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfiguration } from "./configuration.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-auth-configuration-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("readConfiguration", () => {
  test("tells where each value came from, the later source before the earlier", () => {
    writeFileSync(
      join(directory, "appsettings.json"),
      JSON.stringify({ AzureAd: { TenantId: "t", ClientId: "c" }, "Sidecar:AllowOutboundRedirects": false }),
    );
    writeFileSync(join(directory, "appsettings.Staging.json"), JSON.stringify({ azuread: { clientid: "staging" } }));
    const env = { ASPNETCORE_ENVIRONMENT: "Staging", AZUREAD__TENANTID: "variable" };
    const configuration = readConfiguration({ directory, env });
    expect(configuration.section("AzureAd").entries()).toEqual([
      { key: "AzureAd:TenantId", value: "variable", source: "variable AZUREAD__TENANTID" },
      { key: "AzureAd:ClientId", value: "staging", source: "appsettings.Staging.json" },
    ]);
    expect(configuration.section("Sidecar").flag("AllowOutboundRedirects")).toBe(false);
  });

  test("reads whole numbers, and names the key of what is none", () => {
    const read = (value: string) =>
      readConfiguration({ directory, env: { Kestrel__Limits__MaxRequestBodySize: value } })
        .section("Kestrel")
        .section("Limits")
        .integer("MaxRequestBodySize");
    expect(read("1024")).toBe(1024);
    expect(() => read("1k")).toThrow(/Kestrel__Limits__MaxRequestBodySize must be a whole number/);
  });
});
