import { loadOptions, type RequestAuth } from "@agent-auth/core";
import { AgentAuth, AgentAuthModule, RequireScopes } from "@agent-auth/nestjs";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

@Controller() class MeController {
  @Get("me") @RequireScopes("access_as_user")
  me(@AgentAuth() auth: RequestAuth) { return auth.callDownstream("Graph", "/me").json(); }
}
@Module({ imports: [AgentAuthModule.forRoot(loadOptions())], controllers: [MeController] }) class AppModule {}
await (await NestFactory.create(AppModule)).listen(process.env.PORT ?? 3000);
