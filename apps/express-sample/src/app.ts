import type { AgentAuth } from "@agent-auth/core";
import { agentAuth, requireRoles, requireScopes } from "@agent-auth/express";
import type { AgentMailbox } from "@agent-auth/sample-settings";
import express, { type Express } from "express";
import { openapi } from "./openapi.js";

/** The API. Users call it through an app; jobs call it as an app; agents call it as themselves. */
export function createApp(auth: AgentAuth, mailbox: AgentMailbox): Express {
  const app = express();

  app.get("/healthz", (_req, res) => {
    res.type("text/plain").send("Healthy");
  });
  app.get("/docs", (_req, res) => {
    res.json(openapi);
  });

  app.use(agentAuth(auth));

  // On behalf of whoever calls, through the configured agent identity.
  app.get("/api/profile", requireScopes("access_as_user"), async (req, res) => {
    res.json(await req.agentAuth.callDownstream("Graph", "/me").json());
  });

  app.get("/api/messages", requireScopes("access_as_user"), async (req, res) => {
    const top = Number(req.query.top ?? 10);
    if (!Number.isInteger(top) || top < 1 || top > 50) {
      res.status(400).json({ title: "top must be a whole number from 1 to 50", status: 400 });
      return;
    }
    res.json(await req.agentAuth.callDownstream("Graph", "/me/messages", { query: { $top: top } }).json());
  });

  app.post("/api/messages/send", requireScopes("access_as_user"), express.json(), async (req, res) => {
    await req.agentAuth.callDownstream("Graph", "/me/sendMail", { method: "POST", json: { message: req.body } }).text();
    res.status(202).json({ sent: true });
  });

  // The autonomous agent, with permissions of its own.
  app.get("/api/agent/users", requireRoles("Tasks.Process.All"), async (req, res) => {
    res.json(await req.agentAuth.asApp().callDownstream("Graph", "/users").json());
  });

  // The agent's own user account.
  app.get("/api/agent/mailbox", requireRoles("Tasks.Process.All"), async (req, res) => {
    const agentUser = req.agentAuth.asAgentUser(mailbox.agentIdentity, { username: mailbox.username });
    res.json(await agentUser.callDownstream("Graph", "/me/messages").json());
  });

  return app;
}
