import {
  createAgentAuth,
  isAgentAuth,
  type RegisteredAgentAuth,
  type RegisteredService,
  type ServiceAuth,
} from "@agent-auth/core";
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { type AgentAuthModuleOptions, MODULE_OPTIONS_TOKEN } from "./module-options.js";

/** The application's authentication, to inject: for background work, where nobody called. */
@Injectable()
export class AgentAuthService implements OnModuleInit, OnApplicationShutdown {
  /** Core's instance. */
  readonly instance: RegisteredAgentAuth;
  readonly #own: boolean;
  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: AgentAuthModuleOptions,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#own = !isAgentAuth(options);
    this.instance = isAgentAuth(options) ? options : createAgentAuth(options);
    this.#host = host;
  }

  /** Tokens and calls as the application or the agent itself. See core's `AgentAuth.forApp`. */
  forApp(): ServiceAuth<RegisteredService> {
    return this.instance.forApp();
  }

  /** Publishes the protected resource metadata (RFC 9728), where no global prefix applies. */
  onModuleInit(): void {
    const { resourceMetadata: metadata } = this.instance;
    const { httpAdapter } = this.#host;
    if (metadata === undefined || httpAdapter === undefined) return;
    httpAdapter.get(metadata.path, (_request: unknown, response: unknown) => {
      httpAdapter.setHeader(response, "Content-Type", "application/json");
      httpAdapter.reply(response, metadata.body, 200);
    });
  }

  /** Closes the instance, unless the application made it. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#own) await this.instance.close();
  }
}
