import { loadOptions } from "@agent-auth/core";
import { AgentAuthGuard, AgentAuthModule, AgentAuthService } from "@agent-auth/nestjs";
import { Inject, Injectable, Module } from "@nestjs/common";
import { ConfigModule, ConfigService } from "@nestjs/config";
import { APP_GUARD } from "@nestjs/core";

@Injectable()
export class NightlyJob {
  @Inject(AgentAuthService) private readonly auth!: AgentAuthService;

  run() {
    return this.auth.forApp().callDownstream("Graph", "/users").json();
  }
}

@Module({
  imports: [
    AgentAuthModule.forRootAsync({
      imports: [ConfigModule.forRoot()],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        ...loadOptions(),
        agentIdentity: config.getOrThrow<string>("AGENT_IDENTITY"),
      }),
    }),
  ],
  // Protects every handler of the application that is not @Public().
  providers: [NightlyJob, { provide: APP_GUARD, useExisting: AgentAuthGuard }],
})
export class AppModule {}
