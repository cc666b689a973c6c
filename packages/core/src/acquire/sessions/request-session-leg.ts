import { AgentAuthError } from "../../errors/agent-auth-error.js";
import { EntraError } from "../entra-error.js";
import type { Leg, LongRunningLeg } from "../plan/leg.js";
import type { IssuedToken } from "../wire/issued-token.js";
import type { SessionRecord, Sessions } from "./sessions.js";

/** Sends a leg with what stands for the user: a refresh token, or the inbound token. */
export type SendLeg = (leg: Leg, assertion: string) => Promise<IssuedToken>;

/**
 * The token of a session's leg: by the refresh token that the client has of it, else by the token that began the
 * session, whose exchange brings the refresh token.
 * @throws AgentAuthError `session_ended`, `session_store_unavailable`, and what `send` throws
 */
export async function requestSessionLeg(leg: LongRunningLeg, sessions: Sessions, send: SendLeg): Promise<IssuedToken> {
  const record = await sessions.require(leg.session);
  const client = `${leg.tenantId}/${leg.clientId}`;
  const refreshToken = record.refreshTokens[client];
  const issued =
    refreshToken === undefined ? await exchange(leg, record, send) : await redeem(leg, { record, refreshToken }, send);
  if (issued.refreshToken !== undefined && issued.refreshToken !== refreshToken) {
    const refreshTokens = { ...record.refreshTokens, [client]: issued.refreshToken };
    await sessions.save(leg.session, { ...record, refreshTokens });
  }
  return issued;
}

async function redeem(
  leg: LongRunningLeg,
  held: { readonly record: SessionRecord; readonly refreshToken: string },
  send: SendLeg,
): Promise<IssuedToken> {
  try {
    return await send(leg, held.refreshToken);
  } catch (error) {
    if (!(error instanceof EntraError) || error.code !== "session_ended") throw error;
    // The user may have called again since, with a token that is as good as the first.
    return exchange(leg, held.record, send).catch(() => {
      throw error;
    });
  }
}

async function exchange(leg: LongRunningLeg, { assertion }: SessionRecord, send: SendLeg): Promise<IssuedToken> {
  const { session: _, ...rest } = leg;
  try {
    const issued = await send({ ...rest, kind: "on-behalf-of" }, assertion);
    if (issued.refreshToken !== undefined) return issued;
  } catch (error) {
    if (!(error instanceof EntraError) || error.code !== "assertion_refused") throw error;
    throw ended("the user's token cannot be exchanged any more, and no refresh token came of it in time", error);
  }
  throw ended("Entra gave no refresh token; grant offline_access to the client");
}

function ended(why: string, cause?: unknown): AgentAuthError {
  return new AgentAuthError("session_ended", {
    detail: `The long-running session cannot go on: ${why}.`,
    cause,
    challenge: { error: "invalid_token", errorDescription: "The session has ended." },
  });
}
