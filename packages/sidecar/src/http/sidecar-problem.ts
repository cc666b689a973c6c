import type { FastifyReply } from "fastify";
import { SidecarError } from "./sidecar-error.js";

/** Answers an error of the sidecar's own. */
export function sendProblem(reply: FastifyReply, error: SidecarError): FastifyReply {
  return reply
    .code(error.status)
    .headers({
      ...error.headers,
      "Content-Type": "application/problem+json; charset=utf-8",
      "Cache-Control": "no-store",
    })
    .send(JSON.stringify(error.toProblem()));
}

/** Fastify's own errors, and whatever else may be thrown: the latter is logged, and its details stay there. */
export function translated(
  error: unknown,
  request: { readonly log: { error(details: object, message: string): void } },
): SidecarError {
  const { statusCode, code } = (error ?? {}) as { readonly statusCode?: unknown; readonly code?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new SidecarError(
      "body_too_large",
      "The body is longer than this sidecar takes. Send less, or raise Kestrel__Limits__MaxRequestBodySize.",
    );
  }
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return new SidecarError("request_malformed", "The request could not be read. Correct its URL, headers and length.");
  }
  request.log.error({ err: error }, "unexpected error");
  return new SidecarError("internal_error", "Something unexpected happened. The sidecar's log says what.");
}
