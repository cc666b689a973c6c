import { type AgentAuth, type ErrorAnswer, isAgentAuthError, type ProblemDetails } from "@agent-auth/core";
import { type ArgumentsHost, HttpException } from "@nestjs/common";

/** An error of the library as Nest's own filters understand it. `cause` is the error. */
export class AgentAuthException extends HttpException {
  /** The complete answer: status, headers and the problem document. */
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer, cause: unknown) {
    super(nestResponse(answer), answer.status, { cause });
    this.answer = answer;
  }
}

/** The problem document with the members that Nest's filters and GraphQL drivers go by. */
function nestResponse({ body }: ErrorAnswer): object {
  const problem: ProblemDetails = JSON.parse(body);
  return { statusCode: problem.status, message: problem.detail ?? problem.title, ...problem };
}

/** Turns an error of the library into the exception of the kind of handler that it came from; leaves others alone. */
export async function exceptionOf(error: unknown, instance: AgentAuth, host: ArgumentsHost): Promise<unknown> {
  const answer = isAgentAuthError(error) ? instance.answer(error) : undefined;
  if (answer === undefined) return error;
  if (host.getType() !== "ws") return new AgentAuthException(answer, error);
  // An application without gateways does not have this package.
  const { WsException } = await import("@nestjs/websockets");
  return new WsException(nestResponse(answer));
}
