import { hash } from "node:crypto";
import { AgentAuthError } from "../../errors/agent-auth-error.js";
import { isDelegated } from "../../token/caller.js";
import type { Assertion } from "../acquire-context.js";
import type { SealedStore } from "../store/sealed-store.js";

/** Seconds for which a session is kept after its refresh token was last used: as long as Entra keeps that one. */
const sessionTtlSeconds = 90 * 24 * 60 * 60;

/** What is kept of a session, encrypted. */
export interface SessionRecord {
  /** Tenant (GUID) of the user. */
  readonly tenantId: string;
  /** Object id (GUID) of the user. */
  readonly userId: string;
  /** The token that began it: good for the first exchange of each client, while it lives. */
  readonly assertion: string;
  /** Refresh tokens by the client and tenant that they belong to. */
  readonly refreshTokens: Readonly<Record<string, string>>;
}

/** Long-running sessions: what is done on behalf of a user goes on after the user has left. */
export class Sessions {
  readonly #store: SealedStore;

  constructor(store: SealedStore) {
    this.#store = store;
  }

  /** What names a session everywhere but in the developer's hands. @throws TypeError when the key is empty */
  static nameOf(sessionKey: string): string {
    if (typeof sessionKey !== "string" || sessionKey === "") throw new TypeError("a session key must not be empty");
    return hash("sha256", sessionKey, "base64url");
  }

  /**
   * Begins a session with a user's token, or goes on with the same user's.
   * @throws AgentAuthError `app_only_caller`, `session_of_another_user`, `session_store_unavailable`
   */
  async begin(session: string, { caller, token }: Assertion): Promise<void> {
    if (!isDelegated(caller)) {
      throw new AgentAuthError("app_only_caller", {
        detail: "A long-running session acts for a user, and the caller is an application without one.",
        challenge: { error: "insufficient_scope", errorDescription: "A user must be present." },
      });
    }
    const { tenantId, userId } = caller;
    const known = await this.find(session);
    if (known !== undefined && (known.userId !== userId || known.tenantId !== tenantId)) {
      throw new AgentAuthError("session_of_another_user", {
        detail: "The session key belongs to a session of another user. Make up a key for each session.",
      });
    }
    await this.save(session, { tenantId, userId, assertion: token, refreshTokens: known?.refreshTokens ?? {} });
  }

  /** A session, if there is one. @throws AgentAuthError `session_store_unavailable` */
  async find(session: string): Promise<SessionRecord | undefined> {
    return (await required(this.#store.get(place(session)))) as SessionRecord | undefined;
  }

  /** A session. @throws AgentAuthError `session_ended`, `session_store_unavailable` */
  async require(session: string): Promise<SessionRecord> {
    const record = await this.find(session);
    if (record !== undefined) return record;
    throw new AgentAuthError("session_ended", {
      detail: "There is no such long-running session: it was ended, it was not used for 90 days, or it never began.",
      challenge: { error: "invalid_token", errorDescription: "The session has ended." },
    });
  }

  /** Keeps a session. @throws AgentAuthError `session_store_unavailable` */
  async save(session: string, record: SessionRecord): Promise<void> {
    await required(this.#store.set(place(session), record, sessionTtlSeconds));
  }

  /** Ends a session. @throws AgentAuthError `session_store_unavailable` */
  async end(session: string): Promise<void> {
    await required(this.#store.delete(place(session)));
  }
}

function place(session: string): string {
  return `agent-auth:session:${session}`;
}

/** Without its record a session cannot go on: here a failing store is an error. */
async function required<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    throw new AgentAuthError("session_store_unavailable", {
      detail: "The store that keeps long-running sessions could not be used. Try again shortly.",
      cause,
      retryAfterSeconds: 1,
    });
  }
}
