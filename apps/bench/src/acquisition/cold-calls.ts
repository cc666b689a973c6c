import type { Row } from "../measure.js";
import { agentIdentity, createApp, requestsOf } from "./app.js";
import { createLocalEntra } from "./token-endpoint.js";

/** How many requests cold calls cause. */
export async function coldCalls(): Promise<Row[]> {
  const exactly = (what: string, value: number, most: number): Row => ({ what, value, bound: { most }, unit: "POSTs" });

  const one = createLocalEntra();
  const mailbox = createApp(one).forApp().asAgentUser(agentIdentity, { username: "agent@contoso.example" });
  await Promise.all(Array.from({ length: 50 }, () => mailbox.headerFor("Graph")));

  const many = createLocalEntra();
  const users = await requestsOf(createApp(many, { agentIdentity }), many, 1_000);
  await Promise.all(users.map((user) => user.headerFor("Graph")));

  const warm = createLocalEntra();
  const app = createApp(warm, { agentIdentity });
  await app.warmUp();
  const before = warm.posts();
  for (const user of await requestsOf(app, warm, 1)) await user.headerFor("Graph");

  return [
    exactly("50 cold calls at once for one agent user", one.posts(), 3),
    exactly("1,000 users at once through one agent", many.posts(), 1_001),
    exactly("the first user's call after warmUp()", warm.posts() - before, 1),
  ];
}
