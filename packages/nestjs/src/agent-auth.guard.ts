import { type Admission, admission, nodeRequest } from "@agent-auth/core";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { exceptionOf } from "./agent-auth.exception.js";
import { AgentAuthService } from "./agent-auth.service.js";
import { inboundOf, rawOf } from "./inbound.js";
import { policyOf } from "./policy-metadata.js";

/**
 * Verifies the bearer token and what the decorators of the handler and of its class ask for, and makes the caller
 * available to `@AgentAuth()`. For the whole application: `{ provide: APP_GUARD, useExisting: AgentAuthGuard }`; or per
 * controller with `@UseGuards(AgentAuthGuard)`. The `@Require…` decorators bring it along.
 */
@Injectable()
export class AgentAuthGuard implements CanActivate {
  readonly #service: AgentAuthService;
  readonly #admitted = new WeakSet<ExecutionContext>();
  readonly #admissions = new WeakMap<object, WeakMap<object, Admission>>();

  constructor(@Inject(AgentAuthService) service: AgentAuthService) {
    this.#service = service;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Set globally and by a decorator, it runs twice for one call.
    if (this.#admitted.has(context)) return true;
    this.#admitted.add(context);
    const { request, response } = inboundOf(context);
    const raw = rawOf(request);
    try {
      // `headers` keeps the first of two Authorization headers in silence; `rawHeaders` shows both.
      const auth = await this.#admissionOf(context)(raw.rawHeaders, nodeRequest(raw, response && rawOf(response)));
      if (auth !== undefined) request.agentAuth = auth;
    } catch (error) {
      throw await exceptionOf(error, this.#service.instance, context);
    }
    return true;
  }

  /** Made once for a handler of a class: decorators do not change, and several classes may inherit one handler. */
  #admissionOf(context: ExecutionContext): Admission {
    const [controller, handler] = [context.getClass(), context.getHandler()];
    const known = this.#admissions.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const made = admission(this.#service.instance, policyOf(context));
    this.#admissions.set(controller, (this.#admissions.get(controller) ?? new WeakMap()).set(handler, made));
    return made;
  }
}
