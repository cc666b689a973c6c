import { styleText } from "node:util";

/** Prints lines on standard output. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** Prints one line of JSON on standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Colours, where they mean something. */
export type Style = "bold" | "dim" | "green" | "red" | "yellow";

/** Colours a text when standard output is a terminal and `NO_COLOR` is not set. */
export function coloured(style: Style, text: string): string {
  const { NO_COLOR } = process.env;
  const wanted = process.stdout.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "");
  return wanted ? styleText(style, text) : text;
}

/** Shows on a terminal what is waited for, on standard error, and takes it away again. */
export async function withProgress<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
  if (process.stderr.isTTY !== true) return work();
  // What is quick needs no notice.
  const timer = setTimeout(() => process.stderr.write(`${text} …`), 200);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    process.stderr.write("\r\u001b[2K");
  }
}
