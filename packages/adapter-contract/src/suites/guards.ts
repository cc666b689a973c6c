import {
  type AgentAuthErrorCode,
  denyAgents,
  type Guard,
  requireAgent,
  requireAppOnly,
  requireAuthContext,
  requireClaim,
  requireDelegated,
  requireRoles,
  requireScopes,
  requireScopesOrRoles,
} from "@agent-auth/core";
import type { CallerKind, MintOptions } from "@agent-auth/entra-emulator";
import { describe, expect, it } from "vitest";
import { send } from "../client.js";
import type { Running } from "../describe-adapter.js";
import { expectProblem } from "../expect-problem.js";

interface GuardedRoute {
  readonly path: string;
  /** Core's guard with the arguments that the adapter's route has. */
  readonly guard: Guard;
  readonly passes: readonly TokenSpec[];
  readonly refuses: readonly (TokenSpec & { readonly code: AgentAuthErrorCode; readonly status?: number })[];
}

interface TokenSpec {
  readonly kind: CallerKind;
  readonly options?: MintOptions;
}

const routes: readonly GuardedRoute[] = [
  {
    path: "/guards/scopes",
    guard: requireScopes("access_as_user", "Tasks.Write"),
    passes: [{ kind: "user" }, { kind: "agent-user" }, { kind: "user", options: { scopes: ["x", "Tasks.Write"] } }],
    refuses: [
      { kind: "user", options: { scopes: ["Tasks.Read"] }, code: "insufficient_scope" },
      { kind: "app", code: "delegated_required" },
    ],
  },
  {
    path: "/guards/all-scopes",
    guard: requireScopes({ allOf: ["access_as_user", "Tasks.Read"] }),
    passes: [{ kind: "user", options: { scopes: ["Tasks.Read", "access_as_user"] } }],
    refuses: [{ kind: "user", options: { scopes: ["Tasks.Read"] }, code: "insufficient_scope" }],
  },
  {
    path: "/guards/scopes-or-roles",
    guard: requireScopesOrRoles({ scopes: ["access_as_user"], roles: ["Tasks.Process.All"] }),
    passes: [{ kind: "user" }, { kind: "app" }],
    refuses: [
      { kind: "user", options: { scopes: ["x"], roles: ["Tasks.Process.All"] }, code: "insufficient_scope" },
      { kind: "app", options: { roles: ["x"] }, code: "insufficient_role" },
    ],
  },
  {
    path: "/guards/roles",
    guard: requireRoles("Tasks.Process.All"),
    passes: [{ kind: "app" }, { kind: "agent" }, { kind: "user", options: { roles: ["Tasks.Process.All"] } }],
    refuses: [
      { kind: "app", options: { roles: ["Tasks.Read.All"] }, code: "insufficient_role" },
      { kind: "user", code: "insufficient_role" },
    ],
  },
  {
    path: "/guards/agent",
    guard: requireAgent(),
    passes: [{ kind: "agent" }, { kind: "agent-user" }, { kind: "agent-on-behalf-of-user" }],
    refuses: [
      { kind: "user", code: "agent_required" },
      { kind: "app", code: "agent_required" },
    ],
  },
  {
    path: "/guards/one-agent",
    guard: requireAgent({ agentIdentity: "a9e00000-0000-4000-8000-000000000002" }),
    passes: [{ kind: "agent", options: { agentIdentity: "a9e00000-0000-4000-8000-000000000002" } }],
    refuses: [{ kind: "agent", code: "agent_required" }],
  },
  {
    path: "/guards/no-agents",
    guard: denyAgents(),
    passes: [{ kind: "user" }, { kind: "app" }],
    refuses: [
      { kind: "agent", code: "agent_denied" },
      { kind: "agent-user", code: "agent_denied" },
      { kind: "agent-on-behalf-of-user", code: "agent_denied" },
    ],
  },
  {
    path: "/guards/delegated",
    guard: requireDelegated(),
    passes: [{ kind: "user" }, { kind: "agent-user" }, { kind: "agent-on-behalf-of-user" }],
    refuses: [
      { kind: "app", code: "delegated_required" },
      { kind: "agent", code: "delegated_required" },
    ],
  },
  {
    path: "/guards/app-only",
    guard: requireAppOnly(),
    passes: [{ kind: "app" }, { kind: "agent" }],
    refuses: [
      { kind: "user", code: "app_only_required" },
      { kind: "agent-user", code: "app_only_required" },
    ],
  },
  {
    path: "/guards/claim",
    guard: requireClaim("department", "Retail"),
    passes: [{ kind: "user", options: { claims: { department: "Retail" } } }],
    refuses: [
      { kind: "user", options: { claims: { department: "Sales" } }, code: "claim_required" },
      { kind: "user", code: "claim_required" },
    ],
  },
  {
    path: "/guards/auth-context",
    guard: requireAuthContext("c1"),
    passes: [{ kind: "user", options: { claims: { acrs: ["c1"] } } }],
    refuses: [
      { kind: "user", options: { claims: { xms_cc: ["cp1"] } }, code: "auth_context_required", status: 401 },
      { kind: "user", options: { claims: { acrs: ["c2"] } }, code: "auth_context_unsupported" },
    ],
  },
  {
    path: "/policies/agents-with-scope",
    guard: (auth) => {
      requireScopes("access_as_user")(auth);
      requireAgent()(auth);
    },
    passes: [{ kind: "agent-user" }, { kind: "agent-on-behalf-of-user" }],
    refuses: [
      { kind: "user", code: "agent_required" },
      { kind: "agent", code: "delegated_required" },
    ],
  },
];

/** Each guard lets pass and refuses what core's does, with core's answer. */
export function describeGuards(of: () => Running): void {
  describe("guards", () => {
    for (const { path, guard, passes, refuses } of routes) {
      it.each(passes)(`${path} lets pass $kind $options`, async ({ kind, options }) => {
        const { url, world } = of();
        const authorization = `Bearer ${await world.emulator.mint(kind, options)}`;
        const answer = await send(`${url}${path}`, { headers: { authorization } });
        expect(answer.status).toBe(200);
        expect(answer.json()).toEqual({ passed: true });
      });

      it.each(refuses)(`${path} refuses $kind $options with $code`, async ({ kind, options, code, status = 403 }) => {
        const { url, world, auth } = of();
        const headers = { authorization: `Bearer ${await world.emulator.mint(kind, options)}` };
        const answer = await send(`${url}${path}`, { headers });
        await expectProblem(answer, {
          auth,
          code,
          status,
          refusedBy: async () => guard(await auth.authenticate(headers)),
        });
        expect(answer.headers["www-authenticate"]).toContain(
          status === 401 ? 'error="insufficient_claims"' : 'error="insufficient_scope"',
        );
      });

      it(`${path} refuses a request without a token as any protected route does`, async () => {
        const { url, auth } = of();
        const answer = await send(`${url}${path}`);
        await expectProblem(answer, {
          auth,
          code: "authorization_missing",
          status: 401,
          refusedBy: () => auth.authenticate({}),
        });
      });
    }

    it("an optional route that denies agents serves anonymous callers and users, and no agent", async () => {
      const { url, world, auth } = of();
      expect((await send(`${url}/policies/optional-without-agents`)).json()).toEqual({ passed: true });
      for (const kind of ["user", "agent"] as const) {
        const headers = { authorization: `Bearer ${await world.emulator.mint(kind)}` };
        const answer = await send(`${url}/policies/optional-without-agents`, { headers });
        if (kind === "user") expect(answer.json()).toEqual({ passed: true });
        else {
          const refusedBy = async () => denyAgents()(await auth.authenticate(headers));
          await expectProblem(answer, { auth, code: "agent_denied", status: 403, refusedBy });
        }
      }
    });

    it("tells the scopes that would do", async () => {
      const { url, world } = of();
      const authorization = `Bearer ${await world.emulator.mint("user", { scopes: ["Tasks.Read"] })}`;
      const answer = await send(`${url}/guards/scopes`, { headers: { authorization } });
      expect(answer.headers["www-authenticate"]).toContain('scope="access_as_user Tasks.Write"');
    });

    it("never lets a request pass a guard on a route that nothing else protects", async () => {
      const { url, world, auth, guardsAuthenticate } = of();
      const answer = await send(`${url}/guard-without-authentication`);
      if (guardsAuthenticate) {
        await expectProblem(answer, {
          auth,
          code: "authorization_missing",
          status: 401,
          refusedBy: () => auth.authenticate({}),
        });
      } else {
        await expectProblem(answer, {
          auth,
          code: "not_authenticated",
          status: 500,
          refusedBy: () => requireScopes("access_as_user")(undefined),
        });
        expect(world.log.at(-1)).toContain("not_authenticated");
      }
    });
  });
}
