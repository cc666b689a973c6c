import { invalid } from "./parameters.js";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `true` or `false` in any case. @throws SidecarError `parameter_invalid` */
export function flagOf(name: string, text: string): boolean {
  const value = text.toLowerCase();
  if (value === "true" || value === "false") return value === "true";
  throw invalid(name, "must be true or false");
}

/** @throws SidecarError `parameter_invalid` */
export function guidOf(name: string, text: string): string {
  if (guid.test(text)) return text;
  throw invalid(name, "must be a GUID");
}

/** A tenant becomes part of a URL of Entra's. @throws SidecarError `parameter_invalid` */
export function tenantOf(name: string, text: string): string {
  if (guid.test(text) || /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text)) return text;
  throw invalid(name, "must be a tenant's GUID or domain");
}

/** @throws SidecarError `parameter_invalid` for what HTTP or `fetch` does not know */
export function methodOf(name: string, text: string): string {
  const method = text.toUpperCase();
  if (/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method)) return method;
  throw invalid(name, "must be one of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS");
}

/** JSON of an object, as a claims challenge carries it. @throws SidecarError `parameter_invalid` */
export function claimsOf(name: string, text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Answered below, like JSON that is no object.
  }
  throw invalid(name, "must be a JSON object");
}

/** Headers that belong to the connection or to the sidecar. */
const reserved = /^(host|content-length|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*)$/i;

/** The value of a header. @throws SidecarError `parameter_invalid` for a name or value that no header may have */
export function headerValueOf(name: string, text: string): string {
  const value = text.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/.test(value)) {
    throw invalid(name, "holds a character that no header may hold");
  }
  return value;
}

/** @throws SidecarError `parameter_invalid` */
export function headerNameOf(parameter: string, name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name)) throw invalid(parameter, "is not the name of a header");
  if (reserved.test(name)) throw invalid(parameter, "cannot be set: it belongs to the connection");
  return name;
}
