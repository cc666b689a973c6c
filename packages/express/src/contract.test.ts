import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { type AdapterUnderTest, describeAdapter, operationOf } from "@agent-auth/adapter-contract";
import type { AgentAuth, AgentAuthOptions } from "@agent-auth/core";
import cors from "cors";
import express5, { type RequestHandler } from "express";
import express4 from "express4";
import {
  agentAuth,
  denyAgents,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "./index.js";

for (const [name, express] of [
  ["Express 5", express5],
  ["Express 4", express4],
] as const) {
  describeAdapter(name, contractOf(express));
}

function contractOf(express: typeof express5): AdapterUnderTest {
  return {
    protectsUnknownRoutes: true,
    authenticatesBeforeBody: true,
    guardsAuthenticate: false,
    start: async (auth) => {
      const server = createApp(express, auth).listen(0, "127.0.0.1");
      await once(server, "listening");
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: async () => {
          const closed = once(server, "close");
          server.close();
          await closed;
        },
      };
    },
  };
}

function createApp(express: typeof express5, auth: AgentAuthOptions | AgentAuth) {
  const passed: RequestHandler = (_req, res) => void res.json({ passed: true });
  const app = express();
  app.use(cors({ origin: "https://portal.contoso.example" }));

  app.get("/public", (req, res) => void res.json({ authenticated: req.agentAuth !== undefined }));
  app.get("/optional", agentAuth(auth, { optional: true }), (req, res) => {
    res.json({ caller: req.agentAuth?.caller ?? null });
  });
  app.get("/policies/optional-without-agents", agentAuth(auth, { optional: true, agent: false }), passed);
  app.get("/policies/agents-with-scope", agentAuth(auth, { scopes: ["access_as_user"], agent: true }), passed);
  app.get("/guard-without-authentication", requireScopes("access_as_user"), passed);

  app.use(agentAuth(auth));
  app.get("/me", (req, res) => void res.json(req.agentAuth.caller));
  app.post("/echo", express.json(), (req, res) => void res.status(201).json(req.body));
  app.get(["/stream", "/stream-endless"], (req, res, next) => {
    (async () => {
      const path = req.path === "/stream" ? "/stream" : "/endless";
      const response = await req.agentAuth.callDownstream("Downstream", path);
      res.type(response.headers.get("content-type") ?? "application/octet-stream");
      if (response.body !== null) await pipeline(response.body, res);
    })().catch(next);
  });
  app.get("/operations/:name", (req, res, next) => {
    (async () => res.json(await operationOf(req.params.name)(req.agentAuth)))().catch(next);
  });
  app.get("/guards/scopes", requireScopes("access_as_user", "Tasks.Write"), passed);
  app.get("/guards/all-scopes", requireScopes({ allOf: ["access_as_user", "Tasks.Read"] }), passed);
  app.get(
    "/guards/scopes-or-roles",
    requireScopesOrRoles({ scopes: ["access_as_user"], roles: ["Tasks.Process.All"] }),
    passed,
  );
  app.get("/guards/roles", requireRoles("Tasks.Process.All"), passed);
  app.get("/guards/agent", requireAgent(), passed);
  app.get("/guards/one-agent", requireAgent({ agentIdentity: "a9e00000-0000-4000-8000-000000000002" }), passed);
  app.get("/guards/no-agents", denyAgents(), passed);
  app.get("/guards/delegated", requireDelegated(), passed);
  app.get("/guards/app-only", requireAppOnly(), passed);
  app.get("/guards/claim", requireClaim("department", "Retail"), passed);
  app.get("/guards/auth-context", requireAuthContext("c1"), passed);
  return app;
}
