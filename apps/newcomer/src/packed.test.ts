import { readFile, rm } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { emptyFolder, pack } from "./pack.js";

const published = Object.keys(manifest.dependencies)
  .map((name) => name.replace("@agent-auth/", ""))
  .filter((name) => name !== "adapter-contract");

let folder: string;
beforeAll(async () => {
  folder = await emptyFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(published)("%s, packed", (name) => {
  let tarball: Buffer;
  beforeAll(async () => {
    tarball = await readFile(await pack(name, folder));
  });

  it("is what publint wants", async () => {
    const buffer = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has types that resolve for whoever imports it as ESM", async () => {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    if (!result.types) throw new Error("the package has no types");
    // The packages are ESM alone: what `require` and resolution without `exports` find is not asked.
    const problems = result.problems.filter(
      (problem) => !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
    );
    expect(problems).toEqual([]);
  });

  it("holds neither tests nor what the workspace alone understands", async () => {
    const packed = createPackageFromTarballData(new Uint8Array(tarball));
    const files = packed.listFiles();
    expect(files.filter((file) => /\.test\.|tsbuildinfo|\/src\/.*\.ts$/.test(file))).toEqual([]);
    expect(files.some((file) => file.endsWith("/dist/index.js"))).toBe(true);
    expect(packed.readFile(`/node_modules/${packed.packageName}/package.json`)).not.toMatch(/"(workspace|catalog):/);
  });
});
