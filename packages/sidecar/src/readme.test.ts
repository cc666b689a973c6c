import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeReadme } from "@agent-auth/adapter-contract";
import { describe, expect, it } from "vitest";
import * as sidecar from "./index.js";

const root = join(import.meta.dirname, "..");

describeReadme(root, Object.keys(sidecar));

describe("the conformance table", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const rows = readme
    .slice(readme.indexOf("| promise | test |"))
    .split("\n")
    .slice(2)
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split(" | ").at(-1)?.replace(/ \|$/, "") ?? "");
  const titles = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, title]) => title ?? ""));
  const tests = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, "src", file), "utf8"))
    .join("\n");

  it("names a test in each row", () => {
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter((cell) => !cell.includes("`"))).toEqual([]);
  });

  it("names tests that there are", () => {
    expect(titles.filter((title) => !tests.includes(`"${title}"`))).toEqual([]);
  });
});
