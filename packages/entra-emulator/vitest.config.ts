import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // No module of the emulator keeps state, so the files can share one loaded copy, which saves a third of the time.
    isolate: false,
    // No test waits for the clock; this is for a machine that is busy with other things.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
