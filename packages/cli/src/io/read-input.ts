import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { UsageError } from "./failure.js";

/**
 * Reads a value from where its argument says: `-` is standard input, `@file` a file, anything else the value itself.
 * @param name the option, for messages
 * @throws UsageError when there is nothing to read
 */
export async function readValue(name: string, argument: string): Promise<string> {
  if (argument === "-") return required(name, await text(process.stdin), "standard input");
  if (argument.startsWith("@")) return readFileValue(name, argument.slice(1));
  return required(name, argument, "the argument");
}

/**
 * Reads a secret: from a file, or, as `-`, from standard input; never from the argument itself, which other users of
 * the machine can see.
 * @throws UsageError when there is nothing to read
 */
export async function readSecret(name: string, argument: string): Promise<string> {
  return argument === "-" ? readValue(name, "-") : readFileValue(name, argument.replace(/^@/, ""));
}

function readFileValue(name: string, file: string): string {
  try {
    return required(name, readFileSync(file, "utf8"), file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: the file cannot be read. Name one that exists, or - for standard input.`);
  }
}

function required(name: string, value: string, where: string): string {
  const trimmed = value.trim();
  if (trimmed === "") throw new UsageError(`${name}: ${where} holds nothing.`);
  return trimmed;
}
