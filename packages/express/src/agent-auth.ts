import {
  type AgentAuth,
  type AgentAuthOptions,
  admission,
  createAgentAuth,
  disconnectSignal,
  isAgentAuth,
  type RegisteredRequestAuth,
  type RoutePolicy,
} from "@agent-auth/core";
import type { Application, ErrorRequestHandler, Request, RequestHandler } from "express";

declare global {
  namespace Express {
    interface Request {
      /**
       * Who calls, and the calls to make for them. Set by `agentAuth()`: absent on routes that it does not protect, and
       * for anonymous callers of optional ones.
       */
      agentAuth: RegisteredRequestAuth;
    }
  }
}

/**
 * Protects every route behind it: verifies the bearer token and sets `req.agentAuth`. Errors of the library that are
 * thrown there or in a handler become `application/problem+json` answers, behind your own error handlers if you have
 * any; other errors are left to Express.
 *
 * @param options options of core's `createAgentAuth`, or an instance that it made
 * @param policy what else these routes ask of a caller, for instance `{ optional: true }`. Default: a valid token
 * @throws AgentAuthError `options_invalid`, naming every key that is wrong
 */
export function agentAuth(options: AgentAuthOptions | AgentAuth, policy?: RoutePolicy): RequestHandler {
  const instance = isAgentAuth(options) ? options : createAgentAuth(options);
  const admit = admission(instance, policy);
  const metadata = instance.resourceMetadata;
  return (req, res, next) => {
    if (req.baseUrl + req.path === metadata?.path && (req.method === "GET" || req.method === "HEAD")) {
      res.writeHead(200, { "Content-Type": "application/json" }).end(metadata.body);
      return;
    }
    // At the first request the app's own routes and error handlers are all there, so this one is the last.
    if (!handled.has(req.app)) {
      handled.add(req.app);
      req.app.use(lastErrorHandler(instance));
    }
    instances.set(req, instance);
    // `headers` keeps the first of two Authorization headers in silence; `rawHeaders` shows both.
    admit(req.rawHeaders, { signal: disconnectSignal(res), method: req.method, url: req.originalUrl }).then((auth) => {
      if (auth !== undefined) req.agentAuth = auth;
      next();
    }, next);
  };
}

const handled = new WeakSet<Application>();
const instances = new WeakMap<Request, AgentAuth>();

/** The last error handler of an app: answers with the instance that the request met, else with the app's first. */
function lastErrorHandler(first: AgentAuth): ErrorRequestHandler {
  return (error, req, res, next) => agentAuthErrorHandler(instances.get(req) ?? first)(error, req, res, next);
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
