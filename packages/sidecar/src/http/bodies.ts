import type { FastifyInstance } from "fastify";
import { SidecarError } from "./sidecar-error.js";

/** Takes every body as bytes: it is the downstream API's, whatever it is. */
export function takeBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

/**
 * The body to pass on, if there is any.
 * @throws SidecarError `body_not_json` when the content type says JSON and the body is none
 */
export function bodyOf(body: unknown, contentType: string | undefined): Buffer | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (contentType !== undefined && /^application\/([\w.+-]+\+)?json\b/i.test(contentType)) requireJson(body);
  return body;
}

function requireJson(body: Buffer): void {
  try {
    JSON.parse(body.toString("utf8"));
  } catch {
    throw new SidecarError(
      "body_not_json",
      "The body is not JSON, but its content type says so. Send JSON, or the content type that it has.",
    );
  }
}
