import type { RequestAuth } from "@agent-auth/core";
import {
  AgentAuth,
  DenyAgents,
  OptionalAuth,
  Public,
  RequireAgent,
  RequireRoles,
  RequireScopes,
} from "@agent-auth/nestjs";
import { Controller, Get, Post } from "@nestjs/common";

@RequireScopes("Tasks.Read") // for every handler of the class, unless one says otherwise
@DenyAgents()
@Controller("tasks")
export class TasksController {
  @Get()
  list(@AgentAuth("caller") caller: RequestAuth["caller"]) {
    return caller;
  }

  @Post()
  @RequireScopes("Tasks.Write") // instead of Tasks.Read; agents stay denied
  create() {}

  @Get("greeting")
  @OptionalAuth() // `auth` is undefined for anonymous callers
  greet(@AgentAuth() auth: RequestAuth | undefined) {
    return auth?.caller.kind === "user" ? `Hello ${auth.caller.username}` : "Hello";
  }

  @Get("health")
  @Public()
  health() {
    return "Healthy";
  }

  @Get("report")
  @RequireAgent({ blueprint: "b1000000-0000-4000-8000-000000000001" })
  @RequireRoles({ allOf: ["Tasks.Process.All", "Reports.Write"] })
  report(@AgentAuth() auth: RequestAuth) {
    return auth.asApp().callDownstream("Graph", "/users").json();
  }
}
