import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { agentAuth } from "@agent-auth/fetch";

const protect = agentAuth(createAgentAuth(loadOptions()));

/** As in a Next.js `route.ts`: the host gives a second argument. */
export const GET = protect(
  async (_request, auth, { params }: { params: Promise<{ id: string }> }) => {
    const { id } = await params;
    return Response.json(await auth.callDownstream("Graph", `/me/messages/${id}`).json());
  },
  { scopes: ["Mail.Read"], agent: false },
);

/** `auth` is undefined for anonymous callers, and the compiler knows. */
export const HEAD = protect((_request, auth) => new Response(null, { status: auth === undefined ? 204 : 200 }), {
  optional: true,
});
