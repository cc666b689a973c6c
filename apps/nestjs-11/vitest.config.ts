import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";

const { resolve } = createRequire(import.meta.url);

/** The adapter's sources, with this package's NestJS 11 in place of their own. */
export default defineConfig({
  resolve: {
    alias: Object.fromEntries(
      ["common", "core", "platform-express", "platform-fastify"].map((name) => [
        `@nestjs/${name}`,
        resolve(`@nestjs/${name}`),
      ]),
    ),
  },
});
