import { countCodeLines } from "@agent-auth/adapter-contract";
import { expect, it } from "vitest";

it("is a thin adapter: fewer than 150 lines of code", () => {
  const lines = countCodeLines(import.meta.dirname);
  expect(lines).toBeGreaterThan(20);
  expect(lines).toBeLessThan(150);
});
