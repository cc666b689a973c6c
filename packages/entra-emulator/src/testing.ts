/**
 * The emulator for use inside a test: the same `startEmulator`, which is ready in some 20 ms, on a free port, with the
 * handles a test needs on what it returns: `mint`, `faults`, `requests`, `rotateKeys()`, `advance(seconds)`.
 *
 * @module
 */
export { type Clock, createClock } from "./clock.js";
export { type CallerKind, MintError, type MintOptions } from "./control/mint.js";
export type { RecordedResourceRequest, RecordedTokenRequest, TokenRequestOutcome } from "./control/records.js";
export { defaultDirectory } from "./directory/default-directory.js";
export type { DirectoryInput } from "./directory/schema.js";
export { type Emulator, type EmulatorOptions, startEmulator } from "./emulator.js";
export type { Faults } from "./faults/faults.js";
export { FaultError, type FaultInput } from "./faults/schema.js";
