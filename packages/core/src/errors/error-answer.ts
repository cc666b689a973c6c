import type { Logger } from "../logger.js";
import { type AgentAuthError, isAgentAuthError, type ProblemDetails } from "./agent-auth-error.js";
import { type Challenge, formatChallenge } from "./challenge.js";

/** An HTTP answer, ready for any framework. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The problem document, serialised: the same bytes in every framework. */
  readonly body: string;
}

/**
 * The HTTP answer of an error of this library, or `undefined` for any other error, which is the framework's to handle.
 * What is no fault of the client's is logged.
 * @param app.challengeDefaults what every challenge of the app says besides the error, such as where to get a token
 */
export function errorAnswer(
  error: unknown,
  app: { readonly logger: Logger; readonly challengeDefaults: Challenge },
): ErrorAnswer | undefined {
  if (!isAgentAuthError(error)) return undefined;
  const { logger, challengeDefaults } = app;
  if (error.family !== "request") logger.error(`agent-auth: ${error.code}: ${error.message}${causeOf(error)}`);
  const problem: ProblemDetails = error.toProblem();
  return {
    status: error.status,
    headers: {
      ...error.headers,
      ...(error.challenge !== undefined && {
        "WWW-Authenticate": formatChallenge({ ...challengeDefaults, ...error.challenge }),
      }),
      "Content-Type": "application/problem+json; charset=utf-8",
      "Cache-Control": "no-store",
    },
    body: JSON.stringify(problem),
  };
}

function causeOf(error: AgentAuthError): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return "";
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : "";
  return ` (${cause.message}${inner})`;
}
