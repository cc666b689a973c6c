import type { RequestAuth } from "@agent-auth/core";
import type { Request } from "express";

// Express changes the prototype of every request, and from then on no two of them share a hidden class: to put a property
// on one costs more than to check a token that is known. So `req.agentAuth` is an accessor of Express's own request
// prototype, and what it reads hangs on the request's list of headers.

/** Registered, so that two copies of this package understand each other. */
const held = Symbol.for("agent-auth.express.request-auth");
type HeaderList = string[] & { [held]?: RequestAuth | undefined };

/** Makes `req.agentAuth` of a request that has these raw headers. */
export function keepAuth(rawHeaders: string[], auth: RequestAuth | undefined): void {
  if (auth !== undefined) (rawHeaders as HeaderList)[held] = auth;
}

/** Declares `agentAuth` for the requests of every app of the copy of Express that a request came to. */
export function declareAgentAuth(req: Request): void {
  let common: Request = Object.getPrototypeOf(req);
  // That of each app names the app; behind them stands the one that they have in common.
  while (Object.hasOwn(common, "app")) common = Object.getPrototypeOf(common);
  if (Object.hasOwn(common, "agentAuth")) return;
  Object.defineProperty(common, "agentAuth", {
    configurable: true,
    get(this: Partial<Request>) {
      return (this.rawHeaders as HeaderList | undefined)?.[held];
    },
    set(this: Request, auth: RequestAuth | undefined) {
      (this.rawHeaders as HeaderList)[held] = auth;
    },
  });
}
