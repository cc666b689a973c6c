import { describe, expect, it } from "vitest";
import { loadSidecarOptions } from "./load-sidecar-options.js";

const load = (env: Record<string, string>) => loadSidecarOptions({ env, directory: import.meta.dirname });

describe("loadSidecarOptions", () => {
  it("reads the sidecar's keys as the container does, names in any case", () => {
    expect(
      load({
        AZUREAD__SCOPES: "access_as_user Tasks.Read",
        Sidecar__AllowOverrides__CallDownstreamApi: "False",
        sidecar__allowoverrides__getauthorizationheaderunauthenticated: "true",
        Sidecar__MaxResponseBodySize: "1000",
        Sidecar__Metrics: "true",
        Kestrel__Limits__MaxRequestBodySize: "2000",
        Logging__LogLevel__Default: "Warning",
        ASPNETCORE_ENVIRONMENT: "development",
        PORT: "5100",
      }),
    ).toMatchObject({
      requiredScopes: ["access_as_user", "Tasks.Read"],
      allowOverrides: { callDownstreamApi: false, getAuthorizationHeaderUnauthenticated: true },
      responseLimitBytes: 1000,
      bodyLimitBytes: 2000,
      metrics: true,
      logLevel: "warn",
      development: true,
      address: { port: 5100 },
    });
  });

  it("is not Development unless it is told so", () => {
    expect(load({}).development).toBe(false);
    expect(load({ NODE_ENV: "Development" }).development).toBe(true);
    expect(load({ NODE_ENV: "Development", ASPNETCORE_ENVIRONMENT: "Production" }).development).toBe(false);
  });

  it.each([
    ["http://127.0.0.1:5000", { host: "127.0.0.1", port: 5000 }],
    ["http://localhost:80/", { host: "localhost", port: 80 }],
    ["http://+:8080", { host: "0.0.0.0", port: 8080 }],
    ["http://*", { host: "0.0.0.0", port: 80 }],
    ["http://[::1]:5000", { host: "::1", port: 5000 }],
    ["http://unix:/run/sidecar.sock", { socketPath: "/run/sidecar.sock" }],
  ])("reads ASPNETCORE_URLS %s, before PORT", (urls, address) => {
    expect(load({ ASPNETCORE_URLS: urls, PORT: "1" }).address).toEqual(address);
  });

  it.each([
    [{ ASPNETCORE_URLS: "https://localhost:5000" }, /ASPNETCORE_URLS must be http/],
    [{ ASPNETCORE_URLS: "http://a:1;http://b:2" }, /ASPNETCORE_URLS names more than one address/],
    [{ ASPNETCORE_URLS: "localhost:5000" }, /ASPNETCORE_URLS must be an address/],
    [{ TokenCache__EnableDistributedCache: "true" }, /TokenCache__EnableDistributedCache cannot be true.*tokenStore/],
    [{ PORT: "http" }, /PORT must be a whole number/],
    [{ PORT: "70000" }, /PORT must be at most 65535/],
    [{ Sidecar__AllowOverrides__CallDownstreamApi: "yes" }, /Sidecar__AllowOverrides__CallDownstreamApi must be true/],
    [{ Logging__LogLevel__Default: "loud" }, /Logging__LogLevel__Default must be one of/],
  ] as [Record<string, string>, RegExp][])("refuses %o, naming the key", (env, message) => {
    expect(() => load(env)).toThrow(message);
  });
});
