/** What an OpenAPI document says about a route, beside its URL and method. */
export interface Operation {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Name of the schema of the 200 answer; absent for one that is no JSON. */
  readonly result?: string;
  /** Whether the agent and `optionsOverride.` parameters are read. */
  readonly takesOverrides?: boolean;
  /** Whether a body is passed on. */
  readonly takesBody?: boolean;
  /** Whether a bearer token is wanted. */
  readonly secured: boolean;
  /** Statuses that are refused with a problem document. */
  readonly problems: readonly number[];
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Absent for routes that no document shows. */
    operation?: Operation;
    /** Reachable from other machines, under any name. */
    public?: boolean;
  }
}
