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
    "documentSecurity",
    "requireAgent",
    "requireAppOnly",
    "requireAuthContext",
    "requireClaim",
    "requireDelegated",
    "requireRoles",
    "requireScopes",
    "requireScopesOrRoles",
    "securitySchemes",
  ]);
});

describeReadme(root, Object.keys(adapter));
