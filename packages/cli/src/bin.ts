#!/usr/bin/env node
import { translateCmdletNames } from "./commands/token-mode.js";
import { exitCodeOf, reportFailure } from "./io/failure.js";
import { createProgram } from "./program.js";

const program = createProgram();
try {
  await program.parseAsync(translateCmdletNames(process.argv));
} catch (error) {
  reportFailure(error, { verbose: process.argv.includes("--verbose") });
  process.exitCode = exitCodeOf(error);
}
