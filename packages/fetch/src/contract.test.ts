import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describeAdapter, operationOf } from "@agent-auth/adapter-contract";
import type { AgentAuth, AgentAuthOptions } from "@agent-auth/core";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { validator } from "hono/validator";
import { agentAuth } from "./index.js";

describeAdapter("Hono", {
  protectsUnknownRoutes: false,
  authenticatesBeforeBody: false,
  guardsAuthenticate: true,
  joinsHeaders: true,
  start: async (auth) => {
    const server: ServerType = serve({ fetch: createApp(auth).fetch, port: 0, hostname: "127.0.0.1" });
    if (server.address() === null) await once(server, "listening");
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: async () => {
        const closed = once(server, "close");
        server.close();
        await closed;
      },
    };
  },
});

function createApp(options: AgentAuthOptions | AgentAuth) {
  const protect = agentAuth(options);
  const app = new Hono();
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text("Internal Server Error", 500),
  );
  app.use(cors({ origin: "https://portal.contoso.example" }));
  const route = (path: string, handler: (request: Request, c: Context) => Promise<Response>) =>
    app.get(path, (c) => handler(c.req.raw, c));
  const passed = () => Response.json({ passed: true });

  app.get(protect.instance.resourceMetadata?.path ?? "/none", () => protect.resourceMetadata());
  route(
    "/public",
    protect((_request, auth) => Response.json({ authenticated: auth !== undefined }), false),
  );
  route(
    "/optional",
    protect((_request, auth) => Response.json({ caller: auth?.caller ?? null }), { optional: true }),
  );
  route(
    "/me",
    protect((_request, auth) => Response.json(auth.caller)),
  );
  const echo = protect(async (_request, _auth, body: object) => Response.json(body, { status: 201 }));
  app.post(
    "/echo",
    validator("json", (value: object) => value),
    (c) => echo(c.req.raw, c.req.valid("json")),
  );
  route(
    "/stream",
    protect((_request, auth) => auth.callDownstream("Downstream", "/stream")),
  );
  route(
    "/stream-endless",
    protect((_request, auth) => auth.callDownstream("Downstream", "/endless")),
  );
  route(
    "/operations/:name",
    protect(async (_request, auth, c: Context) => Response.json(await operationOf(c.req.param("name") ?? "")(auth))),
  );
  route("/guards/scopes", protect(passed, { scopes: ["access_as_user", "Tasks.Write"] }));
  route("/guards/all-scopes", protect(passed, { scopes: [{ allOf: ["access_as_user", "Tasks.Read"] }] }));
  route(
    "/guards/scopes-or-roles",
    protect(passed, { scopesOrRoles: { scopes: ["access_as_user"], roles: ["Tasks.Process.All"] } }),
  );
  route("/guards/roles", protect(passed, { roles: ["Tasks.Process.All"] }));
  route("/guards/agent", protect(passed, { agent: true }));
  route("/guards/one-agent", protect(passed, { agent: { agentIdentity: "a9e00000-0000-4000-8000-000000000002" } }));
  route("/guards/no-agents", protect(passed, { agent: false }));
  route("/guards/delegated", protect(passed, { delegated: true }));
  route("/guards/app-only", protect(passed, { delegated: false }));
  route("/guards/claim", protect(passed, { claims: { department: "Retail" } }));
  route("/guards/auth-context", protect(passed, { authContext: "c1" }));
  route("/guard-without-authentication", protect(passed, { scopes: ["access_as_user"] }));
  route("/policies/agents-with-scope", protect(passed, { scopes: ["access_as_user"], agent: true }));
  route("/policies/optional-without-agents", protect(passed, { optional: true, agent: false }));
  return app;
}
