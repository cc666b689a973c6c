import { Module } from "@nestjs/common";
import { APP_FILTER, APP_INTERCEPTOR } from "@nestjs/core";
import { AgentAuthExceptionFilter } from "./agent-auth.filter.js";
import { AgentAuthGuard } from "./agent-auth.guard.js";
import { AgentAuthInterceptor } from "./agent-auth.interceptor.js";
import { AgentAuthService } from "./agent-auth.service.js";
import { ConfigurableModuleClass } from "./module-options.js";

/**
 * Makes `AgentAuthService` and `AgentAuthGuard` available everywhere, and answers the library's errors. Import it once:
 * `AgentAuthModule.forRoot(options)`, or `forRootAsync({ useFactory, inject })`, `forRootAsync({ useClass })`.
 */
@Module({
  providers: [
    AgentAuthService,
    AgentAuthGuard,
    AgentAuthInterceptor,
    { provide: APP_FILTER, useClass: AgentAuthExceptionFilter },
    { provide: APP_INTERCEPTOR, useExisting: AgentAuthInterceptor },
  ],
  exports: [AgentAuthService, AgentAuthGuard, AgentAuthInterceptor],
})
export class AgentAuthModule extends ConfigurableModuleClass {}
