import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { AgentAuthOptions } from "./agent-auth-options.js";

/** Where {@link loadOptions} looks. */
export interface LoadOptionsSources {
  /** Environment variables. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder of `appsettings.json` and `appsettings.{environment}.json`. Default the working directory. */
  readonly directory?: string;
}

/**
 * Reads options as the Entra SDK does: `appsettings.json`, then `appsettings.{environment}.json`, then variables such
 * as `AzureAd__TenantId`; the later wins, names are case-insensitive. Functions, such as a resolver, are added by the
 * caller: `createAgentAuth({ ...loadOptions(), agentIdentity })`.
 * @throws AgentAuthError `options_invalid` for a file that is no JSON or a value of the wrong kind
 * @see https://learn.microsoft.com/entra/msidweb/agent-id-sdk/configuration
 */
export function loadOptions(sources: LoadOptionsSources = {}): AgentAuthOptions {
  const { env = process.env, directory = process.cwd() } = sources;
  const environment = env.ASPNETCORE_ENVIRONMENT ?? env.NODE_ENV;
  const root: Section = new Map();
  mergeFile(root, join(directory, "appsettings.json"));
  if (environment !== undefined && /^[\w-]+$/.test(environment)) {
    mergeFile(root, join(directory, `appsettings.${environment}.json`));
  }
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) setPath(root, name.split("__"), value);
  }
  return optionsOf(root);
}

/** A configuration section: names in lower case, each with the name as it was first written. */
type Section = Map<string, { readonly name: string; value: string | Section }>;

function mergeFile(root: Section, file: string): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return;
    throw new AgentAuthError("options_invalid", { detail: `${file} could not be read.`, cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    // JSON.parse quotes what it could not read, which may be a secret: the message does not repeat it.
    throw new AgentAuthError("options_invalid", {
      detail: `${file} is not valid JSON. Correct it.`,
      cause: nameOf(cause),
    });
  }
  mergeValue(root, [], value);
}

function nameOf(cause: unknown): unknown {
  return cause instanceof Error ? new Error(cause.name) : undefined;
}

function mergeValue(root: Section, path: readonly string[], value: unknown): void {
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) mergeValue(root, [...path, ...name.split(":")], inner);
  } else if (value !== null && value !== undefined && path.length > 0) {
    setPath(root, path, String(value));
  }
}

function setPath(root: Section, path: readonly string[], value: string): void {
  let section = root;
  for (const [index, name] of path.entries()) {
    const key = name.toLowerCase();
    const entry = section.get(key);
    if (index === path.length - 1) {
      section.set(key, { name: entry?.name ?? name, value });
      return;
    }
    if (entry !== undefined && typeof entry.value !== "string") {
      section = entry.value;
    } else {
      const inner: Section = new Map();
      section.set(key, { name: entry?.name ?? name, value: inner });
      section = inner;
    }
  }
}

function optionsOf(root: Section): AgentAuthOptions {
  const azureAd = new Reader(root, "AzureAd");
  const audience = azureAd.text("Audience");
  const options = {
    instance: azureAd.text("Instance"),
    tenantId: azureAd.text("TenantId"),
    clientId: azureAd.text("ClientId"),
    audiences: audience === undefined ? azureAd.list("Audiences") : [audience],
    clientCredentials: azureAd.sections("ClientCredentials")?.map(([, section]) => credentialOf(section)),
    agentIdentity: azureAd.text("AgentIdentity"),
    downstreamApis: Object.fromEntries(
      new Reader(root).sections("DownstreamApis")?.map(([name, section]) => [name, downstreamApiOf(section)]) ?? [],
    ),
  };
  // The schema of createAgentAuth checks what is here, and names the key of what is missing or wrong.
  return withoutUndefined(options) as unknown as AgentAuthOptions;
}

function credentialOf(section: Reader): object {
  return withoutUndefined({ sourceType: section.text("SourceType"), clientSecret: section.text("ClientSecret") });
}

function downstreamApiOf(section: Reader): object {
  return withoutUndefined({
    baseUrl: section.text("BaseUrl"),
    scopes: section.list("Scopes"),
    appScopes: section.list("AppScopes"),
    relativePath: section.text("RelativePath"),
    httpMethod: section.text("HttpMethod"),
    acceptHeader: section.text("AcceptHeader"),
    requestAppToken: section.flag("RequestAppToken"),
    agentIdentity: section.text("AgentIdentity"),
    tenantId: new Reader(section.section, "AcquireTokenOptions").text("Tenant"),
  });
}

/** Reads typed values out of a section. */
class Reader {
  readonly section: Section;
  readonly #path: string;

  constructor(parent: Section, name?: string, path = name ?? "") {
    const inner = name === undefined ? parent : parent.get(name.toLowerCase())?.value;
    this.section = inner === undefined || typeof inner === "string" ? new Map() : inner;
    this.#path = path;
  }

  text(name: string): string | undefined {
    const value = this.section.get(name.toLowerCase())?.value;
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === "true" || value === "false") return value === "true";
    throw new AgentAuthError("options_invalid", { detail: `${this.#path}__${name} must be true or false.` });
  }

  /** A list: space-separated, or numbered (`Scopes__0`). */
  list(name: string): string[] | undefined {
    const text = this.text(name);
    if (text !== undefined) return text.split(/\s+/);
    const value = this.section.get(name.toLowerCase())?.value;
    if (value === undefined || typeof value === "string") return undefined;
    return inOrder(value).flatMap(({ value: item }) => (typeof item === "string" ? [item] : []));
  }

  sections(name: string): [string, Reader][] | undefined {
    const value = this.section.get(name.toLowerCase())?.value;
    if (value === undefined || typeof value === "string") return undefined;
    return inOrder(value).map((entry) => [
      entry.name,
      new Reader(value, entry.name, `${this.#path === "" ? "" : `${this.#path}__`}${name}__${entry.name}`),
    ]);
  }
}

/** Entries by number where they are numbered, else as they came. */
function inOrder(section: Section) {
  return [...section.values()].sort((a, b) => Number(a.name) - Number(b.name) || 0);
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
