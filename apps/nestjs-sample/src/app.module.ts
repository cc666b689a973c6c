import type { AgentAuth } from "@agent-auth/core";
import { AgentAuthGuard, AgentAuthModule } from "@agent-auth/nestjs";
import type { AgentMailbox } from "@agent-auth/sample-settings";
import { type DynamicModule, Module } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { AgentController, mailboxToken } from "./agent.controller.js";
import { HealthController } from "./health.controller.js";
import { UserController } from "./user.controller.js";

@Module({})
class AppModule {}

/** The API. Users call it through an app; jobs call it as an app; agents call it as themselves. */
export function appModule(auth: AgentAuth, mailbox: AgentMailbox): DynamicModule {
  return {
    module: AppModule,
    imports: [AgentAuthModule.forRoot(auth)],
    controllers: [HealthController, UserController, AgentController],
    providers: [
      { provide: mailboxToken, useValue: mailbox },
      // Whatever is not @Public() wants a token.
      { provide: APP_GUARD, useExisting: AgentAuthGuard },
    ],
  };
}
