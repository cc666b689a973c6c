import { SidecarError } from "../http/sidecar-error.js";

/** What `/DownstreamApi` answers. */
export interface DownstreamApiResult {
  readonly statusCode: number;
  /** Each header with all its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Text as text, anything else in base64, nothing as `null`. */
  readonly content: string | null;
}

/** A downstream answer, read. */
export interface DownstreamAnswer {
  readonly result: DownstreamApiResult;
  /** Whether `content` is base64 of bytes that are no text. */
  readonly base64: boolean;
}

/**
 * Reads a downstream answer, up to a limit in bytes.
 * @throws SidecarError `downstream_body_too_large`
 */
export async function readDownstreamAnswer(response: Response, limitBytes: number): Promise<DownstreamAnswer> {
  const bytes = await readBytes(response, limitBytes);
  const text = textOf(bytes, response.headers.get("content-type"));
  const base64 = bytes.length > 0 && text === undefined;
  return {
    base64,
    result: {
      statusCode: response.status,
      headers: headerLists(response.headers),
      content: bytes.length === 0 ? null : (text ?? bytes.toString("base64")),
    },
  };
}

async function readBytes(response: Response, limitBytes: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > limitBytes) {
      throw new SidecarError(
        "downstream_body_too_large",
        `The downstream API answered more than ${limitBytes} bytes. Ask it for less, raise Sidecar__MaxResponseBodySize, or call it yourself with /AuthorizationHeader.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const textual =
  /^(text\/.*|application\/([\w.+-]+\+)?(json|xml)|application\/(javascript|x-www-form-urlencoded|x-ndjson))$/;

/** The body as text where its content type, or, without one, its bytes say that it is text. */
function textOf(bytes: Buffer, contentType: string | null): string | undefined {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  if (type.trim() !== "" && !textual.test(type.trim())) return undefined;
  const charset = /charset="?([^";\s]+)/.exec(parameters.join(";"))?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Headers that speak of the connection to the downstream API, or of a coding that is undone. */
const dropped = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

function headerLists(headers: Headers): Record<string, readonly string[]> {
  const lists: Record<string, readonly string[]> = {};
  for (const [name, value] of headers) {
    if (dropped.has(name)) continue;
    lists[canonicalName(name)] = name === "set-cookie" ? headers.getSetCookie() : [value];
  }
  return lists;
}

/** `Content-Type`, as the container writes it; `fetch` gives names in lower case. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
