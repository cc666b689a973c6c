import type { RequestAuth } from "@agent-auth/core";

/** What a route does with the `RequestAuth` that the adapter gave it; its result is the answer's JSON. */
export type Operation = (auth: RequestAuth) => unknown;

const seen = new WeakSet<RequestAuth>();

/**
 * What the routes under `/operations/:name` do. They are the contract's, so that an adapter has nothing to add but the
 * way from its framework's request to `RequestAuth` and from a thrown error to the answer.
 */
export const operations = {
  caller: (auth) => auth.caller,
  fresh: (auth) => {
    const fresh = !seen.has(auth);
    seen.add(auth);
    return { fresh };
  },
  profile: async (auth) => ({
    caller: auth.caller,
    profile: await auth.callDownstream("Graph", "/me").json(),
    header: (await auth.headerFor("Graph")).slice(0, 7),
  }),
  "unknown-service": (auth) => auth.headerFor("Nowhere"),
  "service-without-scopes": (auth) => auth.headerFor("Scopeless"),
  "agent-user-without-agent": (auth) =>
    auth.asAgentUser(undefined as unknown as string, { username: "someone@contoso.example" }).headerFor("Graph"),
  "agent-user-named-twice": (auth) =>
    auth.asAgentUser(someGuid, { username: "someone@contoso.example", userId: someGuid } as never).headerFor("Graph"),
  "agent-user-id-no-guid": (auth) => auth.asAgentUser(someGuid, { userId: "someone" }).headerFor("Graph"),
  "agent-identity-no-guid": (auth) => auth.asAgent("my agent").headerFor("Graph"),
  "url-refused": (auth) => auth.callDownstream("Downstream", "//elsewhere.example/").json(),
  "consent-missing": (auth) => auth.headerFor("Graph", { scopes: ["Application.Read.All"] }),
  "downstream-fails": (auth) => auth.callDownstream("Downstream", "/fails").json(),
  "downstream-unreachable": (auth) => auth.callDownstream("Unreachable", "/").json(),
  "downstream-holds": (auth) => auth.callDownstream("Downstream", "/held").json(),
  "own-error": () => {
    throw new Error("an error of the application's own");
  },
} as const satisfies Record<string, Operation>;

const someGuid = "a9e00000-0000-4000-8000-000000000001";

/** The operation of that name. */
export function operationOf(name: string): Operation {
  if (!Object.hasOwn(operations, name)) throw new Error(`the contract has no operation ${name}`);
  return operations[name as keyof typeof operations];
}
