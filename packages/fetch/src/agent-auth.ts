import {
  type AgentAuth,
  type AgentAuthOptions,
  admission,
  createAgentAuth,
  isAgentAuth,
  type RegisteredRequestAuth,
  type RoutePolicy,
} from "@agent-auth/core";

/** What a handler is given: the caller's auth, which public and optional routes may not have. */
export type AuthOf<Policy extends RoutePolicy | false> = Policy extends false | { readonly optional: true }
  ? RegisteredRequestAuth | undefined
  : RegisteredRequestAuth;

/** A handler of a protected route. `rest` is whatever the host gives a handler besides the request. */
export type ProtectedHandler<Policy extends RoutePolicy | false, Rest extends readonly unknown[]> = (
  request: Request,
  auth: AuthOf<Policy>,
  ...rest: Rest
) => Response | Promise<Response>;

/** Makes a handler one that the host can use: with the request, and whatever else the host gives. */
export interface Protect {
  /**
   * @param handler called with the request and its auth, when the request may pass
   * @param policy what the route asks of its callers; `false` = public. Default: a valid token
   * @throws AgentAuthError `options_invalid` for a policy that is wrong
   */
  <Rest extends readonly unknown[], const Policy extends RoutePolicy | false = Record<never, never>>(
    handler: ProtectedHandler<Policy, Rest>,
    policy?: Policy,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
  /** Core's instance. */
  readonly instance: AgentAuth;
  /** Serves the protected resource metadata document (RFC 9728), at `instance.resourceMetadata.path`. */
  readonly resourceMetadata: () => Response;
}

/**
 * Protects handlers of servers that are built on WHATWG `Request` and `Response`. Errors of the library, also those that
 * a handler lets through, become `application/problem+json` answers; other errors are left to the host.
 *
 * @param options options of core's `createAgentAuth`, or an instance that it made
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong
 */
export function agentAuth(options: AgentAuthOptions | AgentAuth): Protect {
  const instance = isAgentAuth(options) ? options : createAgentAuth(options);

  const protect: Protect = Object.assign(
    <Rest extends readonly unknown[], const Policy extends RoutePolicy | false>(
      handler: ProtectedHandler<Policy, Rest>,
      policy?: Policy,
    ) => {
      const admit = admission(instance, policy);
      return async (request: Request, ...rest: Rest): Promise<Response> => {
        const { signal, method } = request;
        const { pathname, search } = new URL(request.url);
        try {
          const auth = await admit(request.headers, { signal, method, url: `${pathname}${search}` });
          return await handler(request, auth as AuthOf<Policy>, ...rest);
        } catch (error) {
          const answer = instance.answer(error);
          if (answer === undefined) throw error;
          return new Response(answer.body, { status: answer.status, headers: answer.headers });
        }
      };
    },
    {
      instance,
      resourceMetadata: () =>
        new Response(instance.resourceMetadata?.body ?? null, {
          status: instance.resourceMetadata === undefined ? 404 : 200,
          headers: { "Content-Type": "application/json" },
        }),
    },
  );
  return protect;
}
