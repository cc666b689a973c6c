import { readFile } from "node:fs/promises";
import { DirectoryError, type DirectoryInput, parseDirectory } from "./schema.js";

/**
 * Reads and validates a directory file.
 *
 * @throws {DirectoryError} when it cannot be read, is not JSON, or is not valid
 */
export async function readDirectoryFile(path: string): Promise<DirectoryInput> {
  const input: unknown = parseJson(path, await readText(path));
  parseDirectory(input);
  return input as DirectoryInput;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new DirectoryError(`Cannot read the directory file ${path}: ${messageOf(cause)}.`, { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DirectoryError(`The directory file ${path} is not JSON: ${messageOf(cause)}.`, { cause });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
