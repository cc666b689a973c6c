import { type Challenge, formatChallenge } from "./challenge.js";
import { type AgentAuthErrorCode, type ErrorFamily, errorDefinitions } from "./codes.js";

/** What an {@link AgentAuthError} is made of besides its code. */
export interface AgentAuthErrorInit {
  /** What happened and what to do about it. Holds no token and no secret. */
  readonly detail: string;
  readonly cause?: unknown;
  /** Turned into `WWW-Authenticate`. Every 401 has one. */
  readonly challenge?: Challenge;
  /** Seconds after which a new try makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Members added to the problem document, for instance `errorCode` and `correlationId`. */
  readonly extensions?: Readonly<Record<string, string | number | boolean>>;
}

/** A problem document. @see RFC 9457 */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: AgentAuthErrorCode;
  readonly [extension: string]: string | number | boolean | undefined;
}

/**
 * The base of everything that the library throws. `code` is a literal union, `status` and `headers` are what an HTTP
 * answer needs, `message` says what happened and what to do.
 */
export class AgentAuthError extends Error {
  override readonly name: string = "AgentAuthError";
  readonly code: AgentAuthErrorCode;
  readonly family: ErrorFamily;
  /** HTTP status of the answer that this error becomes. */
  readonly status: number;
  readonly challenge: Challenge | undefined;
  /** Seconds. */
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Readonly<Record<string, string | number | boolean>>;

  constructor(code: AgentAuthErrorCode, init: AgentAuthErrorInit) {
    super(init.detail, init.cause === undefined ? undefined : { cause: init.cause });
    const { family, status } = errorDefinitions[code];
    this.code = code;
    this.family = family;
    this.status = status;
    this.challenge = init.challenge ?? (status === 401 ? {} : undefined);
    this.retryAfterSeconds = init.retryAfterSeconds;
    this.extensions = init.extensions ?? {};
  }

  /** Headers of the HTTP answer: `WWW-Authenticate` and `Retry-After` where they are due. */
  get headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.challenge !== undefined) headers["WWW-Authenticate"] = formatChallenge(this.challenge);
    if (this.retryAfterSeconds !== undefined) headers["Retry-After"] = String(Math.ceil(this.retryAfterSeconds));
    return headers;
  }

  /**
   * The body of the HTTP answer. A developer's mistake shows its code alone: the client can do nothing about it, and
   * the detail belongs in the log.
   */
  toProblem(): ProblemDetails {
    return {
      type: `urn:agent-auth:error:${this.code}`,
      title: errorDefinitions[this.code].title,
      status: this.status,
      ...(this.family === "configuration" ? {} : { detail: this.message }),
      code: this.code,
      ...this.extensions,
    };
  }
}

/** Whether a value is an error of this library, also when two copies of it are loaded. */
export function isAgentAuthError(value: unknown): value is AgentAuthError {
  return (
    value instanceof AgentAuthError ||
    (value instanceof Error && "code" in value && Object.hasOwn(errorDefinitions, String(value.code)))
  );
}
