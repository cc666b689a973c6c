import { describeAdapter } from "@agent-auth/adapter-contract";
import { nestAdapter } from "../test/contract-app.js";

describeAdapter("NestJS 12 on Express", nestAdapter("express"));
describeAdapter("NestJS 12 on Fastify", nestAdapter("fastify"));
