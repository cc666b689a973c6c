import { AgentAuthError, type ErrorAnswer } from "@agent-auth/core";
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { AgentAuthException } from "./agent-auth.exception.js";
import { AgentAuthService } from "./agent-auth.service.js";

/** Answers errors of the library as `application/problem+json` with their status and headers. The module sets it globally. */
@Catch(AgentAuthException, AgentAuthError)
export class AgentAuthExceptionFilter implements ExceptionFilter<AgentAuthException | AgentAuthError> {
  readonly #service: AgentAuthService;
  readonly #host: HttpAdapterHost;

  constructor(@Inject(AgentAuthService) service: AgentAuthService, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.#service = service;
    this.#host = host;
  }

  catch(exception: AgentAuthException | AgentAuthError, host: ArgumentsHost): unknown {
    const answer =
      exception instanceof AgentAuthException ? exception.answer : this.#service.instance.answer(exception);
    // GraphQL drivers make the answer themselves, of an exception that a filter returns.
    if (host.getType() !== "http" || answer === undefined) return exception;
    this.#send(answer, host.switchToHttp().getResponse());
    return undefined;
  }

  #send(answer: ErrorAnswer, response: unknown): void {
    const { httpAdapter } = this.#host;
    if (httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of Object.entries(answer.headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, answer.body, answer.status);
  }
}
