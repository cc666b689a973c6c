import { defineConfig } from "vitest/config";

// Packing and installing take as long as the machine and the registry do.
export default defineConfig({ test: { testTimeout: 180_000, hookTimeout: 180_000, maxWorkers: 1 } });
