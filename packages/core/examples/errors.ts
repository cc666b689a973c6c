import { AgentAuthError, DownstreamError, EntraError, errorDefinitions, isAgentAuthError } from "@agent-auth/core";

/** What to tell the log. No message of the library holds a token or a secret. */
export function describeError(error: unknown): string {
  if (error instanceof EntraError)
    return `${error.code} AADSTS${error.aadsts} ${error.correlationId}: ${error.message}`;
  if (error instanceof DownstreamError)
    return `${error.service} answered ${error.downstreamStatus}: ${error.downstreamBody}`;
  if (error instanceof AgentAuthError) return `${error.code} (${error.family}): ${error.message}`;
  return String(error);
}

/** Whether a client can do something about it. */
export function isClientsFault(error: unknown): boolean {
  return isAgentAuthError(error) && errorDefinitions[error.code].status < 500;
}
