/** A benchmark prints its table and resolves; its figures are ratios of contenders measured in the same run. */
type Benchmark = () => Promise<void>;

const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  acquisition: async () => (await import("./acquisition.js")).acquisition,
  sidecar: async () => (await import("./sidecar.js")).sidecar,
  validation: async () => (await import("./validation.js")).validation,
};

const [name = ""] = process.argv.slice(2);
const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (load === undefined) {
  console.error(`Say which benchmark: ${Object.keys(benchmarks).join(", ")}.`);
  process.exitCode = 2;
} else {
  const run = await load();
  await run();
}
