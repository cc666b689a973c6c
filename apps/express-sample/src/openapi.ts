const user = [{ entra: ["access_as_user"] }];
const app = [{ entra: ["Tasks.Process.All"] }];

/** The API's OpenAPI document. */
export const openapi = {
  openapi: "3.1.0",
  info: { title: "Contoso Assistant", version: "1.0.0" },
  components: { securitySchemes: { entra: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
  paths: {
    "/healthz": {
      get: { summary: "Whether the API is up", security: [], responses: { 200: { description: "It is" } } },
    },
    "/api/profile": {
      get: { summary: "The caller's profile", security: user, responses: { 200: { description: "A Graph user" } } },
    },
    "/api/messages": {
      get: {
        summary: "The caller's messages",
        security: user,
        parameters: [{ name: "top", in: "query", schema: { type: "integer", minimum: 1, maximum: 50, default: 10 } }],
        responses: { 200: { description: "A page of Graph messages" }, 400: { description: "top is out of range" } },
      },
    },
    "/api/messages/send": {
      post: {
        summary: "Sends a message as the caller",
        security: user,
        requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
        responses: { 202: { description: "Sent" } },
      },
    },
    "/api/agent/users": {
      get: { summary: "Users, read by the agent", security: app, responses: { 200: { description: "Graph users" } } },
    },
    "/api/agent/mailbox": {
      get: { summary: "The agent's own mail", security: app, responses: { 200: { description: "Graph messages" } } },
    },
  },
} as const;
