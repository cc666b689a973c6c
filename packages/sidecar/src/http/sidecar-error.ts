/** What the sidecar itself refuses, before or after core: code, status and title (RFC 9457) of each. */
export const sidecarErrors = {
  parameter_invalid: { status: 400, title: "Query parameter invalid" },
  parameter_unsupported: { status: 400, title: "Query parameter not supported" },
  host_refused: { status: 400, title: "Host not served" },
  body_not_json: { status: 400, title: "Body is not JSON" },
  body_not_allowed: { status: 400, title: "Method takes no body" },
  request_malformed: { status: 400, title: "Request malformed" },
  caller_not_local: { status: 403, title: "Only callers on this machine are served" },
  not_found: { status: 404, title: "No such endpoint" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  body_too_large: { status: 413, title: "Body too large" },
  internal_error: { status: 500, title: "Something unexpected happened" },
  not_ready: { status: 503, title: "Not ready" },
  downstream_body_too_large: { status: 502, title: "The downstream API's answer is too large" },
} as const;

/** The literal union of the sidecar's own error codes. */
export type SidecarErrorCode = keyof typeof sidecarErrors;

/** An error of the sidecar's own. The message is shown to the client: what happened and what to do. */
export class SidecarError extends Error {
  override readonly name = "SidecarError";
  readonly code: SidecarErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: SidecarErrorCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return sidecarErrors[this.code].status;
  }

  /** The body of the answer. @see RFC 9457 */
  toProblem(): object {
    const { status, title } = sidecarErrors[this.code];
    return { type: `urn:agent-auth:sidecar:${this.code}`, title, status, detail: this.message, code: this.code };
  }
}
