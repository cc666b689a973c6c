import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeReadme, describeThinAdapter } from "@agent-auth/adapter-contract";
import { expect, it } from "vitest";
import * as adapter from "./index.js";

const root = join(import.meta.dirname, "..");

describeThinAdapter(join(root, "src"), 150);

it("exports what it exports", () => {
  expect(Object.keys(adapter).sort()).toEqual([
    "agentAuth",
    "agentAuthErrorHandler",
    "denyAgents",
    "requireAgent",
    "requireAppOnly",
    "requireAuthContext",
    "requireClaim",
    "requireDelegated",
    "requireRoles",
    "requireScopes",
    "requireScopesOrRoles",
  ]);
});

describeReadme(root, Object.keys(adapter));

it("starts as the workspace's README says", () => {
  const readme = readFileSync(join(root, "../../README.md"), "utf8");
  const [, code] = /^```ts quick-start\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  expect(code).toBe(readFileSync(join(root, "examples/quick-start.ts"), "utf8"));
});
