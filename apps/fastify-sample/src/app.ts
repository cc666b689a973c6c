import type { AgentAuth } from "@agent-auth/core";
import { agentAuth, documentSecurity, securitySchemes } from "@agent-auth/fastify";
import type { AgentMailbox } from "@agent-auth/sample-settings";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";

const anyone = { agentAuth: false } as const;
const users = { agentAuth: { scopes: ["access_as_user"] } } as const;
const jobs = { agentAuth: { roles: ["Tasks.Process.All"] } } as const;

/** The API. Users call it through an app; jobs call it as an app; agents call it as themselves. */
export async function createApp(auth: AgentAuth, mailbox: AgentMailbox): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Contoso Assistant", version: "1.0.0" },
      components: { securitySchemes },
    },
    transform: documentSecurity,
  });
  await app.register(agentAuth, auth);

  app.get("/healthz", { config: anyone }, async () => "Healthy");
  app.get("/docs", { config: anyone, schema: { hide: true } }, async () => app.swagger());

  // On behalf of whoever calls, through the configured agent identity.
  app.get("/api/profile", { config: users }, (request) => request.agentAuth.callDownstream("Graph", "/me").json());

  app.get<{ Querystring: { top: number } }>(
    "/api/messages",
    {
      config: users,
      schema: {
        querystring: {
          type: "object",
          properties: { top: { type: "integer", minimum: 1, maximum: 50, default: 10 } },
        },
      },
    },
    ({ agentAuth, query }) => agentAuth.callDownstream("Graph", "/me/messages", { query: { $top: query.top } }).json(),
  );

  app.post("/api/messages/send", { config: users }, async ({ agentAuth, body }, reply) => {
    await agentAuth.callDownstream("Graph", "/me/sendMail", { method: "POST", json: { message: body } }).text();
    return reply.code(202).send({ sent: true });
  });

  // The autonomous agent, with permissions of its own.
  app.get("/api/agent/users", { config: jobs }, ({ agentAuth }) =>
    agentAuth.asApp().callDownstream("Graph", "/users").json(),
  );

  // The agent's own user account.
  app.get("/api/agent/mailbox", { config: jobs }, ({ agentAuth }) =>
    agentAuth
      .asAgentUser(mailbox.agentIdentity, { username: mailbox.username })
      .callDownstream("Graph", "/me/messages")
      .json(),
  );

  return app;
}
