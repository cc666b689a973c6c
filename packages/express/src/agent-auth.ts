import {
  type AgentAuth,
  type AgentAuthOptions,
  createAgentAuth,
  isAgentAuth,
  type RequestAuth,
} from "@agent-auth/core";
import type { Application, ErrorRequestHandler, RequestHandler } from "express";

declare global {
  namespace Express {
    interface Request {
      /** Who calls, and the calls to make for them. Set by `agentAuth()`. */
      agentAuth: RequestAuth;
    }
  }
}

/**
 * Protects every route behind it: verifies the bearer token and sets `req.agentAuth`. Errors of the library that are
 * thrown there or in a handler become `application/problem+json` answers, behind your own error handlers if you have
 * any; other errors are left to Express.
 *
 * @param options options of core's `createAgentAuth`, or an instance that it made
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong
 */
export function agentAuth(options: AgentAuthOptions | AgentAuth): RequestHandler {
  const instance = isAgentAuth(options) ? options : createAgentAuth(options);
  const handler = agentAuthErrorHandler(instance);
  const apps = new WeakSet<Application>();
  return (req, _res, next) => {
    // Added at the first request, when the app's own routes and error handlers are all there.
    if (!apps.has(req.app)) {
      apps.add(req.app);
      req.app.use(handler);
    }
    // `headers` keeps the first of two Authorization headers in silence; `headersDistinct` shows both.
    instance.authenticate({ authorization: req.headersDistinct.authorization }).then((auth) => {
      req.agentAuth = auth;
      next();
    }, next);
  };
}

/**
 * Answers errors of the library as `application/problem+json` with their status and headers, and passes others on.
 * `agentAuth()` adds one by itself; use this to put it somewhere else, for instance on a router.
 */
export function agentAuthErrorHandler(instance: AgentAuth): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const answer = res.headersSent ? undefined : instance.answer(error);
    if (answer === undefined) return next(error);
    res.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  };
}
