import {
  denyAgents,
  type Guard,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "@agent-auth/core";

export const guards: Readonly<Record<string, Guard>> = {
  readTasks: requireScopes("Tasks.Read", "Tasks.ReadWrite"), // one of them
  shareTasks: requireScopes({ allOf: ["Tasks.ReadWrite", "Users.Read"] }), // all of them
  importTasks: requireRoles("Tasks.Process.All"),
  exportTasks: requireScopesOrRoles({ scopes: ["Tasks.Read"], roles: ["Tasks.Read.All"] }), // users and apps
  agentsOfOurs: requireAgent({ blueprint: "b1000000-0000-4000-8000-000000000001" }),
  noAgents: denyAgents(),
  somebody: requireDelegated(), // a human or an agent's own user
  nobody: requireAppOnly(),
  members: requireClaim("acct", (value) => value === 0),
  wipeEverything: requireAuthContext("c1"), // asks for a stronger sign-in
};
