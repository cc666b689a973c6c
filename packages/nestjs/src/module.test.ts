import "reflect-metadata";
import { type ContractWorld, send, startWorld } from "@agent-auth/adapter-contract";
import { createAgentAuth, type RequestAuth } from "@agent-auth/core";
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  HttpException,
  type INestApplication,
  Inject,
  Injectable,
  Module,
} from "@nestjs/common";
import { ConfigModule, ConfigService } from "@nestjs/config";
import { APP_GUARD, NestFactory } from "@nestjs/core";
import { DocumentBuilder, SwaggerModule } from "@nestjs/swagger";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  AgentAuth,
  AgentAuthGuard,
  AgentAuthModule,
  type AgentAuthModuleOptions,
  type AgentAuthOptionsFactory,
  AgentAuthService,
  DenyAgents,
  OptionalAuth,
  Public,
  RequireAgent,
  RequireClaim,
  RequireScopes,
} from "./index.js";

let world: ContractWorld;
let app: INestApplication | undefined;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await app?.close();
  app = undefined;
});
afterAll(() => world.close());

const bearer = async (...mint: Parameters<ContractWorld["emulator"]["mint"]>) => ({
  authorization: `Bearer ${await world.emulator.mint(...mint)}`,
});

@Module({})
class TestModule {}

async function start(module: Omit<DynamicModule, "module">, prepare = (_app: INestApplication) => {}): Promise<string> {
  app = await NestFactory.create({ module: TestModule, ...module }, { logger: false });
  prepare(app);
  await app.listen(0, "127.0.0.1");
  return app.getUrl();
}

@Controller()
class PlainController {
  @Get("me")
  me(@AgentAuth("caller") caller: RequestAuth["caller"]) {
    return caller;
  }
}

describe("configuration", () => {
  @Injectable()
  class OptionsFactory implements AgentAuthOptionsFactory {
    createAgentAuthOptions(): AgentAuthModuleOptions {
      return world.options;
    }
  }

  it.each<[string, () => DynamicModule]>([
    ["forRoot with options", () => AgentAuthModule.forRoot(world.options)],
    ["forRootAsync with useFactory", () => AgentAuthModule.forRootAsync({ useFactory: async () => world.options })],
    ["forRootAsync with useClass", () => AgentAuthModule.forRootAsync({ useClass: OptionsFactory })],
    [
      "forRootAsync with inject and ConfigService",
      () =>
        AgentAuthModule.forRootAsync({
          imports: [
            ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ secret: "emulator-blueprint-secret" })] }),
          ],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            ...world.options,
            clientCredentials: [{ sourceType: "ClientSecret", clientSecret: config.getOrThrow<string>("secret") }],
          }),
        }),
    ],
  ])("%s", async (_name, module) => {
    const url = await start({
      imports: [module()],
      controllers: [PlainController],
      providers: [{ provide: APP_GUARD, useExisting: AgentAuthGuard }],
    });
    expect((await send(`${url}/me`, { headers: await bearer("agent") })).json()).toMatchObject({ kind: "agent" });
    expect((await send(`${url}/me`)).status).toBe(401);
    await expect(app?.get(AgentAuthService).forApp().headerFor("Graph")).resolves.toMatch(/^Bearer /);
  });

  it("names the option that is wrong, and does not start", async () => {
    const module = { module: TestModule, imports: [AgentAuthModule.forRoot({ ...world.options, clientId: "x" })] };
    await expect(NestFactory.create(module, { logger: false, abortOnError: false })).rejects.toMatchObject({
      code: "options_invalid",
      message: expect.stringContaining("clientId"),
    });
  });

  it("closes the instance that it made, and leaves alone the one that it was given", async () => {
    const given = createAgentAuth(world.options);
    for (const options of [world.options, given]) {
      await start({ imports: [AgentAuthModule.forRoot(options)] });
      const service = app?.get(AgentAuthService);
      await app?.close();
      const later = service?.forApp().headerFor("Graph", { forceRefresh: true });
      if (options === given) await expect(later).resolves.toMatch(/^Bearer /);
      else await expect(later).rejects.toThrow();
    }
    await given.close();
  });

  it("serves the resource metadata outside of a global prefix", async () => {
    const url = await start({ imports: [AgentAuthModule.forRoot(world.options)] }, (nest) =>
      nest.setGlobalPrefix("api"),
    );
    const answer = await send(`${url}/.well-known/oauth-protected-resource/assistant`);
    expect(answer.json()).toMatchObject({ resource: "https://api.contoso.example/assistant" });
  });
});

describe("decorators of class and handler", () => {
  @Controller("public")
  @Public()
  class PublicController {
    @Get("open")
    open() {
      return "open";
    }
    @Get("closed")
    @RequireScopes("access_as_user")
    closed() {
      return "closed";
    }
  }

  @Controller("scoped")
  @RequireScopes("Tasks.Read")
  @RequireClaim("department", "Retail")
  @DenyAgents()
  class ScopedController {
    @Get("inherits")
    inherits() {
      return "inherits";
    }
    @Get("replaces")
    @RequireScopes("access_as_user")
    replaces() {
      return "replaces";
    }
    @Get("agents")
    @RequireAgent()
    agents() {
      return "agents";
    }
    @Get("open")
    @Public()
    open() {
      return "open";
    }
    @Get("optional")
    @OptionalAuth()
    optional(@AgentAuth() auth: RequestAuth | undefined) {
      return auth?.caller.kind ?? "nobody";
    }
  }

  it("the handler's replace the class's about the same thing, and keep the rest", async () => {
    const url = await start({
      imports: [AgentAuthModule.forRoot(world.options)],
      controllers: [PublicController, ScopedController],
    });
    const get = async (path: string, headers = {}) => (await send(`${url}${path}`, { headers })).status;
    const retail = { claims: { department: "Retail" } };
    const reader = await bearer("user", { scopes: ["Tasks.Read"], ...retail });
    const user = await bearer("user", { scopes: ["access_as_user"], ...retail });
    const sales = await bearer("user", { scopes: ["access_as_user"], claims: { department: "Sales" } });
    const agent = await bearer("agent-user", { scopes: ["Tasks.Read"], ...retail });

    expect(await get("/public/open")).toBe(200);
    expect([await get("/public/closed"), await get("/public/closed", user)]).toEqual([401, 200]);
    expect([await get("/scoped/inherits", reader), await get("/scoped/inherits", user)]).toEqual([200, 403]);
    expect([await get("/scoped/replaces", user), await get("/scoped/replaces", reader)]).toEqual([200, 403]);
    expect(await get("/scoped/replaces", sales)).toBe(403);
    expect([await get("/scoped/inherits", agent), await get("/scoped/agents", agent)]).toEqual([403, 200]);
    expect(await get("/scoped/agents", reader)).toBe(403);
    expect(await get("/scoped/open")).toBe(200);
    expect([await get("/scoped/optional"), await get("/scoped/optional", reader)]).toEqual([200, 200]);
    expect(await get("/scoped/optional", user)).toBe(403);
  });

  it("hold for the class that was called, where two inherit one handler", async () => {
    abstract class Listing {
      @Get()
      list() {
        return "listed";
      }
    }
    @Controller("anyone")
    @Public()
    class OpenListing extends Listing {}
    @Controller("readers")
    @RequireScopes("Tasks.Read")
    class ReadersListing extends Listing {}
    const url = await start({
      imports: [AgentAuthModule.forRoot(world.options)],
      controllers: [OpenListing, ReadersListing],
    });
    for (const round of [1, 2]) {
      expect([round, (await send(`${url}/anyone`)).status, (await send(`${url}/readers`)).status]).toEqual([
        round,
        200,
        401,
      ]);
    }
  });

  it.each<[string, () => unknown]>([
    ["the same twice", () => decorated(RequireScopes("A"), RequireScopes("B"))],
    ["agents and no agents", () => decorated(RequireAgent(), DenyAgents())],
    ["public and protected", () => decorated(Public(), RequireScopes("A"))],
    ["protected and public", () => decorated(RequireScopes("A"), Public())],
  ])("refuses what contradicts itself, when the class is defined: %s", (_name, define) => {
    expect(define).toThrow(expect.objectContaining({ code: "options_invalid" }));
  });

  function decorated(...decorators: readonly MethodDecorator[]) {
    class Contradiction {
      handler() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Contradiction.prototype, "handler");
    for (const decorate of decorators) decorate(Contradiction.prototype, "handler", descriptor as PropertyDescriptor);
  }

  it("answers 500 where @AgentAuth() is used and no guard ran, and tells the log which handler", async () => {
    world.log.length = 0;
    const url = await start({ imports: [AgentAuthModule.forRoot(world.options)], controllers: [PlainController] });
    const answer = await send(`${url}/me`, { headers: await bearer("user") });
    expect([answer.status, answer.json().code]).toEqual([500, "not_authenticated"]);
    expect(world.log.join()).toContain("PlainController.me");
  });
});

describe("exceptions", () => {
  @Controller()
  class FailingController {
    @Get("refused")
    @RequireScopes("Nobody.Has.This")
    refused() {
      return "";
    }
    @Get("fails")
    @RequireScopes("access_as_user")
    fails(@AgentAuth() auth: RequestAuth) {
      return auth.headerFor("Scopeless");
    }
  }

  @Catch()
  class CatchAll implements ExceptionFilter {
    catch(exception: unknown, host: ArgumentsHost) {
      const [status, body] =
        exception instanceof HttpException ? [exception.getStatus(), exception.getResponse()] : [599, {}];
      host.switchToHttp().getResponse().status(status).json({ mine: body });
    }
  }

  it("are HttpExceptions to a filter of the application's own", async () => {
    const url = await start(
      { imports: [AgentAuthModule.forRoot(world.options)], controllers: [FailingController] },
      (nest) => nest.useGlobalFilters(new CatchAll()),
    );
    const headers = await bearer("user");
    const refused = await send(`${url}/refused`, { headers });
    expect([refused.status, refused.json()]).toMatchObject([403, { mine: { code: "insufficient_scope" } }]);
    const failed = await send(`${url}/fails`, { headers });
    expect([failed.status, failed.json()]).toMatchObject([500, { mine: { code: "service_scopes_missing" } }]);
  });

  it("are logged once", async () => {
    const url = await start({
      imports: [AgentAuthModule.forRoot(world.options)],
      controllers: [FailingController],
      providers: [{ provide: APP_GUARD, useExisting: AgentAuthGuard }],
    });
    world.log.length = 0;
    await send(`${url}/fails`, { headers: await bearer("user") });
    expect(world.log).toHaveLength(1);
  });
});

describe("@nestjs/swagger", () => {
  it("documents what the decorators ask for", async () => {
    @Controller()
    class DocumentedController {
      @Get("open")
      @Public()
      open() {}
      @Get("scoped")
      @RequireScopes({ allOf: ["A", "B"] })
      scoped() {}
    }
    await start({ imports: [AgentAuthModule.forRoot(world.options)], controllers: [DocumentedController] });
    const config = new DocumentBuilder().addBearerAuth({ type: "http", bearerFormat: "JWT" }, "entra").build();
    const document = SwaggerModule.createDocument(app as INestApplication, config);
    expect(document.components?.securitySchemes?.entra).toMatchObject({ type: "http", scheme: "bearer" });
    expect(document.paths["/scoped"]?.get?.security).toEqual([{ entra: ["A", "B"] }]);
    expect(document.paths["/open"]?.get?.security).toBeUndefined();
  });
});

it("needs no emitted decorator metadata", () => {
  for (const provider of [AgentAuthGuard, AgentAuthService, AgentAuthModule]) {
    expect(Reflect.getMetadata("design:paramtypes", provider)).toBeUndefined();
  }
});

it("injects the service where the application works in the background", async () => {
  @Injectable()
  class Job {
    @Inject(AgentAuthService)
    readonly auth!: AgentAuthService;
    run() {
      return this.auth.forApp().callDownstream("Graph", "/users").json<{ readonly value: readonly unknown[] }>();
    }
  }
  await start({ imports: [AgentAuthModule.forRoot(world.options)], providers: [Job] });
  const users = await app?.get(Job).run();
  expect(users?.value.length).toBeGreaterThan(1);
});
