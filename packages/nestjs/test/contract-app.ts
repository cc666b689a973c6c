import "reflect-metadata";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { type AdapterUnderTest, operationOf } from "@agent-auth/adapter-contract";
import type { RequestAuth } from "@agent-auth/core";
import { Body, Controller, Get, Module, Param, Post, StreamableFile, UseGuards } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import {
  AgentAuth,
  AgentAuthGuard,
  AgentAuthModule,
  DenyAgents,
  OptionalAuth,
  Public,
  RequireAgent,
  RequireAppOnly,
  RequireAuthContext,
  RequireClaim,
  RequireDelegated,
  RequireRoles,
  RequireScopes,
  RequireScopesOrRoles,
} from "../src/index.js";

const passed = { passed: true };

@UseGuards(AgentAuthGuard)
@Controller()
class ProtectedController {
  @Public()
  @Get("public")
  open(@AgentAuth() auth: RequestAuth | undefined) {
    return { authenticated: auth !== undefined };
  }

  @OptionalAuth()
  @Get("optional")
  optional(@AgentAuth("caller") caller: RequestAuth["caller"] | undefined) {
    return { caller: caller ?? null };
  }

  @Get("me")
  me(@AgentAuth("caller") caller: RequestAuth["caller"]) {
    return caller;
  }

  @Post("echo")
  echo(@Body() body: unknown) {
    return body;
  }

  @Get("stream")
  stream(@AgentAuth() auth: RequestAuth) {
    return streamed(auth, "/stream");
  }

  @Get("stream-endless")
  endless(@AgentAuth() auth: RequestAuth) {
    return streamed(auth, "/endless");
  }

  @Get("operations/:name")
  operation(@Param("name") name: string, @AgentAuth() auth: RequestAuth) {
    return operationOf(name)(auth);
  }

  @RequireScopes("access_as_user")
  @RequireAgent()
  @Get("policies/agents-with-scope")
  agentsWithScope() {
    return passed;
  }

  @OptionalAuth()
  @DenyAgents()
  @Get("policies/optional-without-agents")
  optionalWithoutAgents() {
    return passed;
  }
}

async function streamed(auth: RequestAuth, path: string): Promise<StreamableFile> {
  const response = await auth.callDownstream("Downstream", path);
  const type = response.headers.get("content-type") ?? "application/octet-stream";
  return new StreamableFile(Readable.fromWeb(response.body as ReadableStream), { type });
}

// Without @UseGuards: the decorators bring the guard along.
@Controller()
class GuardedController {
  @RequireScopes("access_as_user", "Tasks.Write")
  @Get("guards/scopes")
  scopes() {
    return passed;
  }

  @RequireScopes({ allOf: ["access_as_user", "Tasks.Read"] })
  @Get("guards/all-scopes")
  allScopes() {
    return passed;
  }

  @RequireScopesOrRoles({ scopes: ["access_as_user"], roles: ["Tasks.Process.All"] })
  @Get("guards/scopes-or-roles")
  scopesOrRoles() {
    return passed;
  }

  @RequireRoles("Tasks.Process.All")
  @Get("guards/roles")
  roles() {
    return passed;
  }

  @RequireAgent()
  @Get("guards/agent")
  agent() {
    return passed;
  }

  @RequireAgent({ agentIdentity: "a9e00000-0000-4000-8000-000000000002" })
  @Get("guards/one-agent")
  oneAgent() {
    return passed;
  }

  @DenyAgents()
  @Get("guards/no-agents")
  noAgents() {
    return passed;
  }

  @RequireDelegated()
  @Get("guards/delegated")
  delegated() {
    return passed;
  }

  @RequireAppOnly()
  @Get("guards/app-only")
  appOnly() {
    return passed;
  }

  @RequireClaim("department", "Retail")
  @Get("guards/claim")
  claim() {
    return passed;
  }

  @RequireAuthContext("c1")
  @Get("guards/auth-context")
  authContext() {
    return passed;
  }

  @RequireScopes("access_as_user")
  @Get("guard-without-authentication")
  alone() {
    return passed;
  }
}

@Module({})
class ContractModule {}

/** The contract's server on one of Nest's platforms. */
export function nestAdapter(platform: "express" | "fastify"): AdapterUnderTest {
  return {
    protectsUnknownRoutes: false,
    authenticatesBeforeBody: false,
    guardsAuthenticate: true,
    start: async (auth) => {
      const module = {
        module: ContractModule,
        imports: [AgentAuthModule.forRoot(auth)],
        controllers: [ProtectedController, GuardedController],
      };
      const app =
        platform === "express"
          ? await NestFactory.create(module, new ExpressAdapter(), { logger: false })
          : await NestFactory.create(module, new FastifyAdapter(), { logger: false });
      app.enableCors({ origin: "https://portal.contoso.example" });
      await app.listen(0, "127.0.0.1");
      return { url: await app.getUrl(), close: () => app.close() };
    },
  };
}
