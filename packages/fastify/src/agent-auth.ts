import {
  type Admission,
  type AgentAuth,
  type AgentAuthOptions,
  admission,
  createAgentAuth,
  isAgentAuth,
  nodeRequest,
  type RegisteredRequestAuth,
  type RequestAuth,
  type RoutePolicy,
} from "@agent-auth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

declare module "fastify" {
  interface FastifyRequest {
    /**
     * Who calls, and the calls to make for them. `undefined` on routes with `config: { agentAuth: false }`, and for
     * anonymous callers of optional ones.
     */
    agentAuth: RegisteredRequestAuth;
  }
  interface FastifyContextConfig {
    /** What the route asks of its callers; `false` = public. Default: a valid token. */
    agentAuth?: RoutePolicy | false | undefined;
  }
}

type Policy = RoutePolicy | false | undefined;

/**
 * Protects every route of the scope that it is registered in: verifies the bearer token before the body is read, and
 * sets `request.agentAuth`. Routes say what else they ask for, or that they are public, with `config.agentAuth`. Errors
 * of the library that are thrown there or in a handler become `application/problem+json` answers; other errors go to the
 * error handler that was set before, or to Fastify's.
 *
 * Its options are those of core's `createAgentAuth`, and the instance is closed with Fastify; or an instance that
 * `createAgentAuth` made, which is left open.
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong; for a route's policy when the route is added
 */
export const agentAuth = fp<AgentAuthOptions | AgentAuth>(
  async (fastify, options) => {
    const instance = isAgentAuth(options) ? options : createAgentAuth(options);
    if (instance !== options) fastify.addHook("onClose", () => instance.close());

    const admissions = new Map<Policy, Admission>();
    const admissionOf = (policy: Policy) => {
      const known = admissions.get(policy);
      if (known !== undefined) return known;
      const made = admission(instance, policy);
      admissions.set(policy, made);
      return made;
    };
    fastify.addHook("onRoute", ({ config }) => void admissionOf(config?.agentAuth));

    // Declared here, so that every request has the same shape.
    if (!fastify.hasRequestDecorator("agentAuth")) fastify.decorateRequest("agentAuth");
    fastify.addHook("onRequest", (request, reply, done) => {
      const admit = admissionOf(request.routeOptions.config?.agentAuth);
      // `headers` keeps the first of two Authorization headers in silence; `rawHeaders` shows both.
      const admitted = admit(request.raw.rawHeaders, nodeRequest(request.raw, reply.raw));
      const proceed = (auth: RequestAuth | undefined) => {
        if (auth !== undefined) request.agentAuth = auth;
        done();
      };
      if (admitted instanceof Promise) admitted.then(proceed, done);
      else proceed(admitted);
    });

    fastify.setErrorHandler(agentAuthErrorHandler(instance, fastify.errorHandler));

    const { resourceMetadata: metadata } = instance;
    if (metadata !== undefined && fastify.prefix === "") {
      fastify.get(
        metadata.path,
        { config: { agentAuth: false }, schema: { hide: true } as object },
        (_request, reply) => {
          reply.type("application/json").send(metadata.body);
        },
      );
    }
  },
  { fastify: "5.x", name: "@agent-auth/fastify" },
);

type ErrorHandler = FastifyInstance["errorHandler"];

/**
 * Answers errors of the library as `application/problem+json` with their status and headers, and hands others to the
 * next handler. `agentAuth` sets one by itself; use this where you set an error handler of your own after it.
 */
export function agentAuthErrorHandler(instance: AgentAuth, next: ErrorHandler): ErrorHandler {
  return function handle(this: FastifyInstance, error, request: FastifyRequest, reply: FastifyReply) {
    const answer = instance.answer(error);
    if (answer === undefined) return next.call(this, error, request, reply);
    reply.code(answer.status).headers(answer.headers).send(answer.body);
  };
}
