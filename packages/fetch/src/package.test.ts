import { join } from "node:path";
import { describeReadme, describeThinAdapter } from "@agent-auth/adapter-contract";
import { expect, it } from "vitest";
import * as adapter from "./index.js";

const root = join(import.meta.dirname, "..");

describeThinAdapter(join(root, "src"), 150);

it("exports what it exports", () => {
  expect(Object.keys(adapter).sort()).toEqual(["agentAuth"]);
});

describeReadme(root, Object.keys(adapter));
