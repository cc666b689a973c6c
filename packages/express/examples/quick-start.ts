import { loadOptions } from "@agent-auth/core";
import { agentAuth, requireScopes } from "@agent-auth/express";
import express from "express";

const app = express();
app.use(agentAuth(loadOptions()));
app.get("/me", requireScopes("access_as_user"), async (req, res) => {
  res.json(await req.agentAuth.callDownstream("Graph", "/me").json());
});
app.listen(process.env.PORT ?? 3000);
