import type { AgentAuth, AgentAuthOptions } from "@agent-auth/core";
import { ConfigurableModuleBuilder } from "@nestjs/common";

/** What `forRoot()` takes: options of core's `createAgentAuth`, or an instance that it made. */
export type AgentAuthModuleOptions = AgentAuthOptions | AgentAuth;

/** What `forRootAsync({ useClass })` wants of the class. */
export interface AgentAuthOptionsFactory {
  /** The options, or an instance. */
  createAgentAuthOptions(): AgentAuthModuleOptions | Promise<AgentAuthModuleOptions>;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AgentAuthModuleOptions>({
  moduleName: "AgentAuth",
})
  .setClassMethodName("forRoot")
  .setFactoryMethodName("createAgentAuthOptions")
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();
