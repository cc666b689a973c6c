import { readFileSync } from "node:fs";

/** The TypeScript fences of a README, and the regions of the file that compiles them, by the same name. */
export interface ReadmeSnippets {
  readonly fences: Readonly<Record<string, string>>;
  readonly regions: Readonly<Record<string, string>>;
}

/**
 * Reads the fences of a README (```` ```ts name ````) and the regions of a source file (`//#region name`), so that a test
 * can hold them against each other: what the README shows is then what the compiler checked.
 */
export function readmeSnippets(readme: string | URL, examples: string | URL): ReadmeSnippets {
  const collect = (text: string, pattern: RegExp) =>
    Object.fromEntries([...text.matchAll(pattern)].map(([, name = "", code = ""]) => [name, dedent(code)]));
  return {
    fences: collect(readFileSync(readme, "utf8"), /^```ts(?: ([\w-]+))?\n([\s\S]*?)^```$/gm),
    regions: collect(readFileSync(examples, "utf8"), /^ *\/\/#region ([\w-]+)\n([\s\S]*?)^ *\/\/#endregion/gm),
  };
}

function dedent(code: string): string {
  const lines = code.trimEnd().split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  return lines.map((line) => line.slice(Math.min(...indents))).join("\n");
}
