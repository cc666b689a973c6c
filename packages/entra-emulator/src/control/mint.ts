import type { JWTPayload } from "jose";
import { z } from "zod";
import type { EmulatorContext } from "../context.js";
import type { AgentIdentity, Application, Blueprint, Client, Person } from "../directory/entities.js";
import { accessTokenClaims } from "../token/access-token.js";

/** Who a minted token says is calling. */
export const callerKinds = ["user", "app", "agent", "agent-user", "agent-on-behalf-of-user"] as const;
/** Who a minted token says is calling. */
export type CallerKind = (typeof callerKinds)[number];

/** How a minted token differs from the usual one of its kind. */
export interface MintOptions {
  /** Default: the blueprint's client id. */
  readonly audience?: string;
  /** Delegated permissions. Default for a delegated kind: the API's first scope, `access_as_user`. */
  readonly scopes?: readonly string[];
  /** Application permissions. Default for an app-only kind: the API's first app role. */
  readonly roles?: readonly string[];
  /** Added last; replaces what is there. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds from now; negative for an expired token. Default 3600. */
  readonly expiresIn?: number;
  /** Object id or user principal name. Default: the first user, or the agent's first agent user. */
  readonly user?: string;
  /** Client id. Default: the first agent identity, or the parent of `user`. */
  readonly agentIdentity?: string;
  /** Default `2.0`. */
  readonly version?: "1.0" | "2.0";
}

/** Thrown when a token cannot be minted because the directory lacks what it would name. */
export class MintError extends Error {
  override name = "MintError";
  readonly code = "invalid_mint";
}

const mintBody = z.strictObject({
  kind: z.enum(callerKinds),
  audience: z.string().min(1).optional(),
  scopes: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
  claims: z.record(z.string(), z.unknown()).optional(),
  expiresIn: z.number().optional(),
  user: z.string().optional(),
  agentIdentity: z.string().optional(),
  version: z.enum(["1.0", "2.0"]).optional(),
});

/** Reads the body of `POST /_emulator/tokens`. @throws {MintError} naming what is wrong */
export function readMintBody(body: unknown): { kind: CallerKind; options: MintOptions } {
  const parsed = mintBody.safeParse(body);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(body)"}: ${issue.message}`);
    throw new MintError(`Invalid token request: ${issues.join("; ")}.`);
  }
  const { kind, ...options } = parsed.data;
  return { kind, options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}

/**
 * Mints an access token for any kind of caller, as if it had been obtained properly. Nothing of the directory's rules is
 * applied: this is how a test gets the token that an API is called with.
 *
 * @throws {MintError} when the directory lacks the client or person that the token would name
 */
export async function mint(context: EmulatorContext, kind: CallerKind, options: MintOptions = {}): Promise<string> {
  return context.keys.sign(mintedClaims(context, kind, options));
}

function mintedClaims(context: EmulatorContext, kind: CallerKind, options: MintOptions): JWTPayload {
  const { client, person } = callerOf(context, kind, options);
  const blueprint = requireFirst(context.directory.blueprints, "an agent identity blueprint");
  const scopes = options.scopes ?? blueprint.api?.scopes.slice(0, 1) ?? [];
  const roles = options.roles ?? (person ? [] : (blueprint.api?.roles.slice(0, 1) ?? []));
  return accessTokenClaims(context, {
    tenantId: client.tenant,
    client,
    strength: client.kind === "agent-identity" ? "2" : "1",
    ...(person ? { person, scopes } : {}),
    roles,
    audience: options.audience ?? blueprint.clientId,
    version: options.version ?? "2.0",
    lifetime: options.expiresIn ?? 3600,
    ...(options.claims ? { extra: options.claims } : {}),
  });
}

function callerOf(
  context: EmulatorContext,
  kind: CallerKind,
  options: MintOptions,
): { client: Client; person?: Person } {
  const { directory } = context;
  switch (kind) {
    case "app":
      return { client: ordinaryClient(context) };
    case "user": {
      const person = findUser(context, options.user);
      return { client: ordinaryClient(context), person };
    }
    case "agent":
      return { client: findAgent(context, options.agentIdentity) };
    case "agent-on-behalf-of-user": {
      const client = findAgent(context, options.agentIdentity);
      return { client, person: findUser(context, options.user) };
    }
    case "agent-user": {
      const candidates = directory.agentUsers
        .filter((user) => !options.user || isNamed(user, options.user))
        .filter((user) => !options.agentIdentity || user.agentIdentity === options.agentIdentity.toLowerCase());
      const person = requireFirst(candidates, "such an agent user");
      return { client: findAgent(context, person.agentIdentity), person };
    }
  }
}

function findUser(context: EmulatorContext, idOrUsername: string | undefined): Person {
  const users = context.directory.users.filter((user) => !idOrUsername || isNamed(user, idOrUsername));
  return requireFirst(users, idOrUsername ? `a user '${idOrUsername}'` : "a user");
}

function isNamed(person: { readonly id: string; readonly username: string }, idOrUsername: string): boolean {
  return [person.id, person.username.toLowerCase()].includes(idOrUsername.toLowerCase());
}

function findAgent(context: EmulatorContext, clientId: string | undefined): AgentIdentity {
  const agents = context.directory.agentIdentities.filter(
    (agent) => !clientId || agent.clientId === clientId.toLowerCase(),
  );
  return requireFirst(agents, clientId ? `an agent identity '${clientId}'` : "an agent identity");
}

function ordinaryClient(context: EmulatorContext): Application | Blueprint {
  return requireFirst(context.directory.applications, "an ordinary application");
}

function requireFirst<T>(candidates: readonly T[], what: string): T {
  const [first] = candidates;
  if (first === undefined) throw new MintError(`The directory has no ${what.replace(/^an? /, "")}.`);
  return first;
}
