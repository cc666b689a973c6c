import { AgentAuthError, type AgentAuthErrorInit } from "../errors/agent-auth-error.js";
import type { Challenge } from "../errors/challenge.js";
import { type AgentAuthErrorCode, errorDefinitions } from "../errors/codes.js";

/** What is sent to the sidecar. */
export interface SidecarCall {
  /** Path with its query. */
  readonly path: string;
  /** The caller's token; absent on the routes that want none. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Talks to a sidecar. */
export class SidecarClient {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  constructor(init: { readonly url: string; readonly fetch: typeof fetch; readonly timeoutMs: number }) {
    this.#url = init.url.replace(/\/+$/, "");
    this.#fetch = init.fetch;
    this.#timeoutMs = init.timeoutMs;
  }

  /** @throws AgentAuthError `entra_unavailable` when the sidecar does not answer that it is healthy */
  async reach(): Promise<void> {
    await this.#send({ path: "/healthz" });
  }

  /**
   * The JSON that the sidecar answers with 200.
   * @throws AgentAuthError what the sidecar says is wrong; `entra_unavailable` when it cannot be reached or fails
   */
  async call<Result>(call: SidecarCall): Promise<Result> {
    const answer = parse(await this.#send(call));
    if (answer !== undefined) return answer as Result;
    throw new AgentAuthError("entra_response_invalid", { detail: "The sidecar's answer is not JSON." });
  }

  async #send({ path, token, signal }: SidecarCall): Promise<string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(`${this.#url}${path}`, {
        headers: { accept: "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        redirect: "error",
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      text = await response.text();
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      const detail = `The sidecar at ${this.#url} could not be reached.`;
      throw new AgentAuthError("entra_unavailable", { detail, cause, retryAfterSeconds: 1 });
    }
    if (!response.ok) throw errorOf(response, { problem: parse(text), path });
    return text;
  }
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface SidecarProblem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly errorCode?: unknown;
  readonly correlationId?: unknown;
}

/** An error as it was thrown in the sidecar, when that is one of ours; else the nearest that the status allows. */
function errorOf(
  response: Response,
  { problem = {}, path }: { readonly problem: SidecarProblem | undefined; readonly path: string },
): AgentAuthError {
  const detail = typeof problem.detail === "string" ? problem.detail : `The sidecar answered ${response.status}.`;
  const code = isCode(problem.code) ? problem.code : codeOf(response.status, path, detail);
  const challenge = challengeOf(response.headers.get("www-authenticate"));
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  const init: AgentAuthErrorInit = {
    detail,
    ...(challenge !== undefined && { challenge }),
    ...(retryAfter > 0 && { retryAfterSeconds: retryAfter }),
    extensions: Object.fromEntries(
      Object.entries(problem).filter(([name]) =>
        ["errorCode", "correlationId", "service", "downstreamStatus"].includes(name),
      ),
    ),
  };
  return new AgentAuthError(code, init);
}

function isCode(code: unknown): code is AgentAuthErrorCode {
  return typeof code === "string" && Object.hasOwn(errorDefinitions, code);
}

/** Microsoft's container tells by status and text alone. */
function codeOf(status: number, path: string, detail: string): AgentAuthErrorCode {
  if (status === 401) return "assertion_refused";
  if (status === 403) return path.startsWith("/Validate") ? "insufficient_scope" : "options_invalid";
  if (status === 400) return /scopes/i.test(detail) ? "service_scopes_missing" : "service_unknown";
  return status >= 500 ? "entra_unavailable" : "entra_response_invalid";
}

/** The parameters of a `WWW-Authenticate: Bearer` header. */
function challengeOf(header: string | null): Challenge | undefined {
  if (header === null) return undefined;
  const parameters = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const error = parameters.get("error");
  const errorDescription = parameters.get("error_description");
  const scopes = parameters.get("scope")?.split(" ");
  const claims = parameters.get("claims");
  return {
    ...(error !== undefined && { error }),
    ...(errorDescription !== undefined && { errorDescription }),
    ...(scopes !== undefined && { scopes }),
    ...(claims !== undefined && { claims: Buffer.from(claims, "base64").toString("utf8") }),
  };
}
