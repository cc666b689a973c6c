import { createRequire } from "node:module";
import { describeAdapter } from "@agent-auth/adapter-contract";
import { HttpException } from "@nestjs/common";
import { expect, it } from "vitest";
import { AgentAuthException } from "../../../packages/nestjs/src/index.js";
import { nestAdapter } from "../../../packages/nestjs/test/contract-app.js";

const nest = createRequire(import.meta.url);

it("runs on NestJS 11, and so do the adapter's sources", () => {
  expect(nest("@nestjs/core/package.json").version).toMatch(/^11\./);
  expect(nest("@nestjs/common/package.json").version).toMatch(/^11\./);
  expect(nest("@nestjs/common").HttpException).toBe(HttpException);
  expect(Object.getPrototypeOf(AgentAuthException)).toBe(HttpException);
});

describeAdapter("NestJS 11 on Express", nestAdapter("express"));
describeAdapter("NestJS 11 on Fastify", nestAdapter("fastify"));
