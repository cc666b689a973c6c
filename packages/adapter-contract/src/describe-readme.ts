import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Defines the tests that hold a package's README to its `examples/`: each TypeScript fence has a name
 * (```` ```ts quick-start ````) and is the file of that name, which the compiler checks.
 * @param packageFolder the folder of README.md, of `examples/` and of `src/`
 * @param exported what the package exports at run time; each must be mentioned
 */
export function describeReadme(packageFolder: string, exported: readonly string[]): void {
  describe("README", () => {
    const text = readFileSync(join(packageFolder, "README.md"), "utf8");
    const fences = [...text.matchAll(/^```ts(?: ([\w-]+))?\n([\s\S]*?)^```$/gm)];
    const examples = readdirSync(join(packageFolder, "examples")).filter((file) => file.endsWith(".ts"));

    it.each(fences.map(([, name, code]) => ({ name, code })))("shows what compiles: $name", ({ name, code }) => {
      expect(examples).toContain(`${name}.ts`);
      expect(code).toBe(readFileSync(join(packageFolder, "examples", `${name}.ts`), "utf8"));
    });

    it("shows every example", () => {
      expect(fences.map(([, name]) => `${name}.ts`).sort()).toEqual([...examples].sort());
    });

    it("gets to a protected route in ten lines", () => {
      const lines = fences[0]?.[2]?.split("\n").filter((line) => line.trim() !== "") ?? [];
      expect(lines.length).toBeGreaterThan(3);
      expect(lines.length).toBeLessThanOrEqual(10);
    });

    it.each(exported)("mentions %s", (name) => {
      expect(text).toContain(name);
    });
  });
}
