import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from "@nestjs/common";
import { catchError, type Observable } from "rxjs";
import { exceptionOf } from "./agent-auth.exception.js";
import { AgentAuthService } from "./agent-auth.service.js";

/** Makes errors of the library that a handler lets through exceptions that Nest's filters understand. */
@Injectable()
export class AgentAuthInterceptor implements NestInterceptor {
  readonly #service: AgentAuthService;

  constructor(@Inject(AgentAuthService) service: AgentAuthService) {
    this.#service = service;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        throw await exceptionOf(error, this.#service.instance, context);
      }),
    );
  }
}
