/** One of the things that are compared. */
export interface Contender {
  readonly name: string;
  /** Does the work `count` times over. What it measures starts and ends with the call. */
  readonly run: (count: number) => Promise<void> | void;
  /** Makes what the next run takes; not measured. */
  readonly prepare?: (count: number) => void;
}

/** What a contender took. */
export interface Measurement {
  readonly name: string;
  /** Median over the rounds, in nanoseconds for one piece of work. */
  readonly nsEach: number;
}

/**
 * Measures contenders in turn, round after round, each time in another order, so that what else the machine does
 * falls on all of them alike. The first round warms up and does not count.
 * @param size rounds; pieces of work in a run, and runs in a turn of a contender (default 1)
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, count, runs = 1 }: { readonly rounds: number; readonly count: number; readonly runs?: number },
): Promise<readonly Measurement[]> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { name, run, prepare } of order) {
      globalThis.gc?.();
      let ns = 0;
      for (let turn = 0; turn < runs; turn += 1) {
        prepare?.(count);
        const startedAt = process.hrtime.bigint();
        await run(count);
        ns += Number(process.hrtime.bigint() - startedAt);
      }
      if (round > 0) samples.get(name)?.push(ns / (count * runs));
    }
  }
  return contenders.map(({ name }) => ({ name, nsEach: median(samples.get(name) ?? []) }));
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** One line of a table: what was measured, the figure, and the bound that it is held against. */
export interface Row {
  readonly what: string;
  readonly value: number;
  /** `≤ 1.15`, `≥ 0.9`; absent = for information. */
  readonly bound?: { readonly most: number } | { readonly least: number };
  readonly unit?: string;
  readonly note?: string;
}

/** Prints a table. Bounds are printed beside the figures, and a miss is marked; a benchmark asserts nothing. */
export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  for (const { what, value, bound, unit = "×", note } of rows) {
    const figure = `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ${unit}`;
    const wanted = bound === undefined ? "" : "most" in bound ? `at most ${bound.most}` : `at least ${bound.least}`;
    const met = bound === undefined || ("most" in bound ? value <= bound.most : value >= bound.least);
    console.log(
      `  ${met ? " " : "!"} ${what.padEnd(62)} ${figure.padStart(12)}  ${wanted}${note === undefined ? "" : `  (${note})`}`,
    );
  }
}
