import type { RequestAuth } from "@agent-auth/core";
import { AgentAuth, RequireRoles } from "@agent-auth/nestjs";
import type { AgentMailbox } from "@agent-auth/sample-settings";
import { Controller, Get, Inject } from "@nestjs/common";

/** Under which the agent's own user account is injected. */
export const mailboxToken = Symbol("mailbox");

@RequireRoles("Tasks.Process.All")
@Controller("api/agent")
export class AgentController {
  @Inject(mailboxToken) private readonly mailbox!: AgentMailbox;

  /** The autonomous agent, with permissions of its own. */
  @Get("users")
  users(@AgentAuth() auth: RequestAuth) {
    return auth.asApp().callDownstream("Graph", "/users").json();
  }

  /** The agent's own user account. */
  @Get("mailbox")
  messages(@AgentAuth() auth: RequestAuth) {
    const { agentIdentity, username } = this.mailbox;
    return auth.asAgentUser(agentIdentity, { username }).callDownstream("Graph", "/me/messages").json();
  }
}
