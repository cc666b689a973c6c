import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * What an adapter would have to write to decide something by itself: reading what a token says, telling callers apart,
 * comparing permissions, choosing a status or a challenge.
 */
const decisions =
  /[\w)\]?]\.(caller|claims|kind|scopes|roles|facets|includes)\b|\b40[013]\b|www-authenticate|\bis(Agent|Delegated|AppOnly)\b|\bjose\b/i;

/**
 * Defines the tests that keep an adapter thin: few lines of code, and no decision in them.
 * @param source the folder of the adapter's sources
 * @param limit how many lines of code are too many
 */
export function describeThinAdapter(source: string, limit: number): void {
  describe("a thin adapter", () => {
    const code = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .flatMap((file) => linesOfCode(readFileSync(join(source, file), "utf8")));

    it(`has fewer than ${limit} lines of code`, () => {
      expect(code.length).toBeGreaterThan(20);
      expect(code.length).toBeLessThan(limit);
    });

    it("leaves every decision to core", () => {
      expect(code.filter((line) => decisions.test(line))).toEqual([]);
      expect(code.join("\n")).toMatch(/\badmission\(/);
    });
  });
}

/** The lines that are neither blank nor comment alone. */
function linesOfCode(source: string): string[] {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
}
