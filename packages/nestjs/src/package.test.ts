import "reflect-metadata";
import { join } from "node:path";
import { countCodeLines, describeReadme } from "@agent-auth/adapter-contract";
import { expect, it } from "vitest";
import * as adapter from "./index.js";

const root = join(import.meta.dirname, "..");

it("is a thin adapter: fewer than 300 lines of code", () => {
  const lines = countCodeLines(join(root, "src"));
  expect(lines).toBeGreaterThan(20);
  expect(lines).toBeLessThan(300);
});

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
