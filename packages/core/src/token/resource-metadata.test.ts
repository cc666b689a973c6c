import { afterEach, describe, expect, test } from "vitest";
import type { AgentAuth } from "../index.js";
import { tenantId, useIssuer } from "./issuer.test-support.js";

const issuer = useIssuer();
let app: AgentAuth;

afterEach(() => app.close());

describe("protected resource metadata", () => {
  test("is a document at the well-known path, and every challenge points at it", async () => {
    app = issuer.app({
      resourceMetadata: {
        resource: "https://api.contoso.example/tasks",
        scopesSupported: ["Tasks.Read"],
        resourceName: "Tasks",
      },
    });
    expect(app.resourceMetadata?.path).toBe("/.well-known/oauth-protected-resource/tasks");
    expect(JSON.parse(app.resourceMetadata?.body ?? "")).toEqual({
      resource: "https://api.contoso.example/tasks",
      authorization_servers: [`${issuer.url}/${tenantId}/v2.0`],
      bearer_methods_supported: ["header"],
      scopes_supported: ["Tasks.Read"],
      resource_name: "Tasks",
    });
    const refusal = await app.authenticate({}).catch((error: unknown) => error);
    expect(app.answer(refusal)?.headers["WWW-Authenticate"]).toContain(
      'resource_metadata="https://api.contoso.example/.well-known/oauth-protected-resource/tasks"',
    );
  });

  test("of an API at the root has no path behind the well-known one", () => {
    app = issuer.app({ resourceMetadata: { resource: "https://api.contoso.example" } });
    expect(app.resourceMetadata?.path).toBe("/.well-known/oauth-protected-resource");
  });

  test("is absent unless it is configured", () => {
    app = issuer.app();
    expect(app.resourceMetadata).toBeUndefined();
  });
});
