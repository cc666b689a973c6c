export { type Clock, createClock } from "./clock.js";
export { type CallerKind, callerKinds, MintError, type MintOptions } from "./control/mint.js";
export type { RecordedResourceRequest, RecordedTokenRequest, TokenRequestOutcome } from "./control/records.js";
export type { EmulatorDescription } from "./description.js";
export { defaultDirectory } from "./directory/default-directory.js";
export { DirectoryError, type DirectoryInput, parseDirectory } from "./directory/schema.js";
export { type Emulator, type EmulatorOptions, startEmulator } from "./emulator.js";
