export { createSidecar, type Sidecar } from "./create-sidecar.js";
export { loadSidecarOptions } from "./options/load-sidecar-options.js";
export type { ListenAddress, LogLevel, LogStream, OverrideGates, SidecarOptions } from "./options/sidecar-options.js";
export { tuneProcess } from "./tune-process.js";
