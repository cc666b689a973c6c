import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as core from "./index.js";

const root = join(import.meta.dirname, "..");
const examples = readdirSync(join(root, "examples")).filter((file) => file.endsWith(".ts"));
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((file) => join("docs", file))];

/** The errors, from the table that the code has. */
function errorTable(): string {
  const rows = Object.entries(core.errorDefinitions).map(
    ([code, { status, family, title }]) => `| \`${code}\` | ${status} | ${family} | ${title} |`,
  );
  return ["| code | status | family | title |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** A document with its generated parts as they must be. */
function regenerated(document: string): string {
  return readFileSync(join(root, document), "utf8")
    .replace(/^```ts ([\w-]+)\n[\s\S]*?^```$/gm, (fence, name: string) =>
      examples.includes(`${name}.ts`)
        ? `\`\`\`ts ${name}\n${readFileSync(join(root, "examples", `${name}.ts`), "utf8")}\`\`\``
        : fence,
    )
    .replace(/<!-- errors -->[\s\S]*?<!-- \/errors -->/, `<!-- errors -->\n\n${errorTable()}\n\n<!-- /errors -->`);
}

test.each(documents)(
  "%s shows examples that compile, and the errors that there are (UPDATE_DOCS=1 writes them)",
  (document) => {
    const expected = regenerated(document);
    if (process.env.UPDATE_DOCS === "1") writeFileSync(join(root, document), expected);
    const text = readFileSync(join(root, document), "utf8");
    expect(text).toBe(expected);
    const unnamed = [...text.matchAll(/^```ts ?([\w-]*)$/gm)].filter(([, name]) => !examples.includes(`${name}.ts`));
    expect(unnamed.map(([fence]) => fence)).toEqual([]);
  },
);

test("every example is shown, and every function and class that is exported is mentioned", () => {
  const text = documents.map((document) => readFileSync(join(root, document), "utf8")).join("\n");
  expect(examples.filter((file) => !text.includes(`\`\`\`ts ${file.replace(/\.ts$/, "")}\n`))).toEqual([]);
  expect(Object.keys(core).filter((name) => !text.includes(name))).toEqual([]);
});
