import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Counts the lines of a folder's TypeScript that hold code: neither blank, nor comment alone, nor test or example. */
export function countCodeLines(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|test-d|examples)\.ts$/.test(file))
    .map((file) => codeLines(readFileSync(join(folder, file), "utf8")))
    .reduce((sum, lines) => sum + lines, 0);
}

function codeLines(source: string): number {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}
