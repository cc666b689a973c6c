import { loadOptions } from "@agent-auth/core";
import { agentAuth } from "@agent-auth/fetch";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const protect = agentAuth(loadOptions());
const me = protect((_request, auth) => auth.callDownstream("Graph", "/me"), { scopes: ["access_as_user"] });
const app = new Hono();
app.get("/me", (c) => me(c.req.raw));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
