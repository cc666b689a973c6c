import {
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
import type { Application, ErrorRequestHandler, Request, RequestHandler } from "express";
import { declareAgentAuth, keepAuth } from "./request-property.js";

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
    prepare(req, instance);
    // `headers` keeps the first of two Authorization headers in silence; `rawHeaders` shows both.
    const { rawHeaders } = req;
    const proceed = (auth: RequestAuth | undefined) => {
      keepAuth(rawHeaders, auth);
      next();
    };
    const admitted = admit(rawHeaders, nodeRequest(req, res));
    if (admitted instanceof Promise) admitted.then(proceed, next);
    else proceed(admitted);
  };
}

function asksFor(req: Request, path: string): boolean {
  return (req.method === "GET" || req.method === "HEAD") && req.baseUrl + req.path === path;
}

/** What is known of an app with the middleware. */
interface ProtectedApp {
  /** The instance that answers for requests which name no other. */
  readonly first: AgentAuth;
  /** Whether there is another: then every request names its own. */
  several: boolean;
}

const protectedApps = new WeakMap<Application, ProtectedApp>();
const protectedBy = Symbol("the instance that protects the route");
type ProtectedRequest = Request & { [protectedBy]?: AgentAuth };

/** Sees to it that what fails behind the middleware is answered by its instance. */
function prepare(req: ProtectedRequest, instance: AgentAuth): void {
  const { app } = req;
  let known = protectedApps.get(app);
  if (known === undefined) {
    known = { first: instance, several: false };
    protectedApps.set(app, known);
    declareAgentAuth(req);
    // At the first request the app's own routes and error handlers are all there, so this one is the last.
    app.use(lastErrorHandler(instance));
  }
  known.several ||= instance !== known.first;
  if (known.several) req[protectedBy] = instance;
}

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
