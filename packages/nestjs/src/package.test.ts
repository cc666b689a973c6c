import "reflect-metadata";
import { join } from "node:path";
import { describeReadme, describeThinAdapter } from "@agent-auth/adapter-contract";
import { expect, it } from "vitest";
import * as adapter from "./index.js";

const root = join(import.meta.dirname, "..");

describeThinAdapter(join(root, "src"), 300);

it("exports what it exports", () => {
  expect(Object.keys(adapter).sort()).toEqual([
    "AgentAuth",
    "AgentAuthException",
    "AgentAuthExceptionFilter",
    "AgentAuthGuard",
    "AgentAuthInterceptor",
    "AgentAuthModule",
    "AgentAuthService",
    "DenyAgents",
    "OptionalAuth",
    "Public",
    "RequireAgent",
    "RequireAppOnly",
    "RequireAuthContext",
    "RequireClaim",
    "RequireDelegated",
    "RequireRoles",
    "RequireScopes",
    "RequireScopesOrRoles",
  ]);
});

describeReadme(root, Object.keys(adapter));
