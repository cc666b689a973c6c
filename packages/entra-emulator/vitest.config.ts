import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // No test waits for the clock; this is for a machine that is busy with other things.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
