import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { ruleGroups } from "../test/rules/index.js";
import { createClock } from "./clock.js";
import type { EmulatorContext } from "./context.js";
import { defaultDirectory } from "./directory/default-directory.js";
import { Directory } from "./directory/directory.js";
import { directoryJsonSchema } from "./directory/schema.js";
import { faultEndpoints, faultKinds, faultSchema } from "./faults/schema.js";
import { createServer } from "./server.js";
import { refusals } from "./token/refusals.js";

const here = (path: string) => new URL(`../${path}`, import.meta.url);
const source = await readFile(here("README.md"), "utf8");
const readme = unpad(source);

/** The formatter pads the cells of tables; what they say is the same. */
function unpad(markdown: string): string {
  return markdown
    .replace(/ +\|/g, " |")
    .replace(/\| +/g, "| ")
    .replace(/-{3,}/g, "---")
    .replace(/\n{3,}/g, "\n\n");
}

/** The README with its generated parts as they must be. */
async function regenerate(): Promise<string> {
  let text = source.replace(/<!-- rules -->[\s\S]*?(?=\n## )/, `<!-- rules -->\n\n${rulesTable()}\n`);
  for (const [block, path = ""] of source.matchAll(/<!-- (test\/examples\/[\w.-]+) -->\n```ts\n[\s\S]*?```/g)) {
    const example = await readFile(here(path), "utf8");
    text = text.replace(block, () => `<!-- ${path} -->\n\`\`\`ts\n${example}\`\`\``);
  }
  return text;
}

function rulesTable(): string {
  const groups = Object.entries(ruleGroups).map(([group, { file, rules }]) => {
    const proof = `[${file.split("/").at(-1)}](${file})`;
    const rows = rules.map(({ rule, code }) => `| ${rule} | AADSTS${code} | \`${refusals[code].error}\` | ${proof} |`);
    const head = "| what must hold | refused with | error | both requests |\n| --- | --- | --- | --- |";
    return `### ${group}\n\n${head}\n${rows.join("\n")}\n`;
  });
  return groups.join("\n");
}

it("shows every rule that is tested and every example as it runs (UPDATE_README=1 writes them)", async () => {
  const expected = await regenerate();
  if (process.env.UPDATE_README === "1") await writeFile(here("README.md"), expected);
  else expect(readme).toBe(unpad(expected));
});

it("has a rule for every code that the token endpoint can answer with", () => {
  const covered = new Set(Object.values(ruleGroups).flatMap(({ rules }) => rules.map(({ code }) => String(code))));
  expect([...covered].sort()).toEqual(Object.keys(refusals).sort());
});

it("lists every endpoint there is, and none that is not", async () => {
  const listed = [...readme.matchAll(/^\| `(GET|POST|DELETE) (\/\S+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  const alias = /microsoft\.graph\.\w+\/:id/;
  const registered: string[] = [];
  const context = { directory: Directory.from(defaultDirectory), clock: createClock(), url: "http://localhost" };
  const server = await createServer(
    { ...context, tokenRequests: { entries: [] }, resourceRequests: { entries: [] } } as unknown as EmulatorContext,
    { onRoute: ({ method, url }) => registered.push(...[method].flat().map((one) => `${one} ${url}`)) },
  );
  await server.close();
  const documented = registered.filter((route) => !alias.test(route) && !route.startsWith("OPTIONS"));
  expect(listed.sort()).toEqual(documented.sort());
});

it("names every fault, every property of one, and every endpoint that one can be aimed at", () => {
  for (const kind of faultKinds) expect(readme).toContain(`| \`${kind}\` |`);
  const shapes = faultSchema.options.flatMap((option) => Object.keys(option.shape));
  for (const property of new Set(shapes)) expect(readme).toMatch(new RegExp(`[\`"]${property}[\`"]`));
  for (const endpoint of faultEndpoints) expect(readme).toContain(`\`${endpoint}\``);
});

it("names every option of the command", async () => {
  const bin = await readFile(here("src/bin.ts"), "utf8");
  const options = [...bin.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option ?? "");
  expect(options).toHaveLength(9);
  for (const option of options) expect(readme).toContain(`\`${option}\``);
});

it("names every id of the built-in directory and every key of a directory", () => {
  const ids = JSON.stringify(defaultDirectory).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  for (const id of new Set(ids)) expect(readme).toContain(id);
  for (const key of keysOf(directoryJsonSchema())) expect(readme).toContain(`\`${key}\``);
});

/** Every property name of a JSON Schema, at any depth. */
function keysOf(schema: unknown): Set<string> {
  const keys = new Set<string>();
  const walk = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    const properties = "properties" in node ? node.properties : undefined;
    if (typeof properties === "object" && properties) for (const key of Object.keys(properties)) keys.add(key);
    for (const child of Object.values(node)) walk(child);
  };
  walk(schema);
  keys.delete("$schema");
  return keys;
}
