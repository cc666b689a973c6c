import { AgentAuthError } from "../errors/agent-auth-error.js";

/** Values of a query; a list repeats its name. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[] | undefined>
>;

/**
 * The URL of a downstream call: the path of the call behind the base URL of the service, which it cannot leave.
 * Absolute URLs, `//host`, dot segments, encoded dots, slashes and backslashes, backslashes, control characters and
 * fragments are refused.
 * @throws AgentAuthError `downstream_url_refused`
 * @see RFC 3986 section 5.2.4
 */
export function downstreamUrl(baseUrl: string, path: string, query?: Query): string {
  const base = new URL(baseUrl);
  const [pathPart = "", ...queryParts] = path.split("?");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) throw refused("holds a control character");
  if (path.includes("\\")) throw refused("holds a backslash");
  if (path.includes("#")) throw refused("holds a fragment (#)");
  if (/^[a-z][a-z0-9+.-]*:/i.test(pathPart)) throw refused("is an absolute URL");
  if (pathPart.startsWith("//")) throw refused("names a host (//)");
  if (/%(25)*(2e|2f|5c)/i.test(pathPart)) throw refused("holds an encoded dot, slash or backslash");
  if (/%(25)*(0[0-9a-f]|1[0-9a-f]|7f)/i.test(pathPart)) throw refused("holds an encoded control character");
  if (pathPart.split("/").some((segment) => /^\.{1,2}(;.*)?$/.test(segment))) throw refused("holds a dot segment");

  const root = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
  const url = new URL(base);
  const relative = pathPart.replace(/^\//, "");
  url.pathname = relative === "" ? base.pathname : root + relative;
  url.search = queryParts.join("?");
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) url.searchParams.append(name, String(item));
    }
  }
  const inside = url.pathname === base.pathname || url.pathname.startsWith(root);
  if (url.origin !== base.origin || !inside || url.username !== "" || url.password !== "") {
    throw refused("leaves the service's base URL");
  }
  return url.href;
}

function refused(reason: string): AgentAuthError {
  return new AgentAuthError("downstream_url_refused", {
    detail: `The path of the downstream call ${reason}. Give a path below the service's baseUrl, such as /me.`,
  });
}
