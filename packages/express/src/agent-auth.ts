import {
  type AgentAuth,
  type AgentAuthOptions,
  admission,
  createAgentAuth,
  disconnectSignal,
  isAgentAuth,
  type RegisteredRequestAuth,
  type RequestAuth,
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
    if (metadata !== undefined && asksFor(req, metadata.path)) {
      res.writeHead(200, { "Content-Type": "application/json" }).end(metadata.body);
      return;
    }
    // At the first request the app's own routes and error handlers are all there, so this one is the last.
    if (!handled.has(req.app)) {
      handled.add(req.app);
      req.app.use(lastErrorHandler(instance));
    }
    (req as ProtectedRequest)[protectedBy] = instance;
    const proceed = (auth: RequestAuth | undefined) => {
      if (auth !== undefined) req.agentAuth = auth;
      next();
    };
    // `headers` keeps the first of two Authorization headers in silence; `rawHeaders` shows both.
    const inbound = { signal: disconnectSignal(res), method: req.method, url: req.originalUrl };
    const admitted = admit(req.rawHeaders, inbound);
    if (admitted instanceof Promise) admitted.then(proceed, next);
    else proceed(admitted);
  };
}

function asksFor(req: Request, path: string): boolean {
  return (req.method === "GET" || req.method === "HEAD") && req.baseUrl + req.path === path;
}

const handled = new WeakSet<Application>();
const protectedBy = Symbol("the instance that protects the route");
type ProtectedRequest = Request & { [protectedBy]?: AgentAuth };

/** The last error handler of an app: answers with the instance that the request met, else with the app's first. */
function lastErrorHandler(first: AgentAuth): ErrorRequestHandler {
  return (error, req, res, next) =>
    agentAuthErrorHandler((req as ProtectedRequest)[protectedBy] ?? first)(error, req, res, next);
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
