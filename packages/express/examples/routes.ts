import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { agentAuth, denyAgents, requireAgent, requireScopes } from "@agent-auth/express";
import cors from "cors";
import express from "express";

const auth = createAgentAuth(loadOptions());
const app = express();

app.use(cors()); // before agentAuth(): a preflight request carries no token
app.get("/healthz", (_req, res) => void res.send("Healthy")); // public

app.get("/greeting", agentAuth(auth, { optional: true, agent: false }), (req, res) => {
  const caller = req.agentAuth?.caller;
  res.send(caller?.kind === "user" ? `Hello ${caller.username}` : "Hello");
});

app.use(agentAuth(auth)); // what follows is protected
app.get("/tasks", requireScopes("Tasks.Read", "Tasks.Write"), (req, res) => void res.json(req.agentAuth.caller));
app.post("/payments", denyAgents(), requireScopes({ allOf: ["Pay", "Sign"] }), (_req, res) => void res.sendStatus(202));
app.get("/report", requireAgent({ blueprint: "b1000000-0000-4000-8000-000000000001" }), async (req, res) => {
  res.json(await req.agentAuth.asApp().callDownstream("Graph", "/users").json());
});
