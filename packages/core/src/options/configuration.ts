import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { AgentAuthError } from "../errors/agent-auth-error.js";

/** Where {@link readConfiguration} looks. */
export interface ConfigurationSources {
  /** Environment variables. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder of `appsettings.json` and `appsettings.{environment}.json`. Default the working directory. */
  readonly directory?: string;
}

/** One value of the configuration, and where it came from. */
export interface ConfigurationEntry {
  /** For instance `AzureAd:TenantId`. */
  readonly key: string;
  readonly value: string;
  /** `variable AzureAd__TenantId`, or the name of a file. */
  readonly source: string;
}

/** Values by name in lower case, each with its name as it was first written. */
type Values = Map<string, ConfigurationValue>;

interface ConfigurationValue {
  readonly name: string;
  readonly value: string | Values;
  readonly source: string;
}

/**
 * Reads the configuration as ASP.NET, and so the Entra SDK, does: `appsettings.json`, then
 * `appsettings.{environment}.json`, then variables such as `AzureAd__TenantId`; the later wins, names are
 * case-insensitive.
 * @throws AgentAuthError `options_invalid` for a file that is no JSON or cannot be read
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/configuration/
 */
export function readConfiguration(sources: ConfigurationSources = {}): ConfigurationSection {
  const { env = process.env, directory = process.cwd() } = sources;
  const environment = env.ASPNETCORE_ENVIRONMENT ?? env.NODE_ENV;
  const root: Values = new Map();
  mergeFile(root, join(directory, "appsettings.json"));
  if (environment !== undefined && /^[\w-]+$/.test(environment)) {
    mergeFile(root, join(directory, `appsettings.${environment}.json`));
  }
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) setPath(root, name.split("__"), { value, source: `variable ${name}` });
  }
  return new ConfigurationSection(root, "");
}

/** A part of the configuration; reads typed values. Names are case-insensitive, blank values are none. */
export class ConfigurationSection {
  readonly #values: Values;
  readonly #path: string;

  /** @internal */
  constructor(values: Values, path: string) {
    this.#values = values;
    this.#path = path;
  }

  /** The section of that name; an empty one when there is none. */
  section(name: string): ConfigurationSection {
    const inner = this.#values.get(name.toLowerCase())?.value;
    return new ConfigurationSection(
      inner === undefined || typeof inner === "string" ? new Map() : inner,
      this.#key(name),
    );
  }

  /** The sections inside a section, by name: in order where the names are numbers, else as they came. */
  sections(name: string): [string, ConfigurationSection][] | undefined {
    const value = this.#values.get(name.toLowerCase())?.value;
    if (value === undefined || typeof value === "string") return undefined;
    return inOrder(value).map((entry) => [entry.name, this.section(name).section(entry.name)]);
  }

  /** A text, trimmed. */
  text(name: string): string | undefined {
    const value = this.#values.get(name.toLowerCase())?.value;
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  }

  /** `true` or `false`. @throws AgentAuthError `options_invalid` for anything else */
  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === "true" || value === "false") return value === "true";
    throw new AgentAuthError("options_invalid", { detail: `${this.#key(name)} must be true or false.` });
  }

  /** A whole number, 0 or above. @throws AgentAuthError `options_invalid` for anything else */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (/^\d{1,15}$/.test(value)) return Number(value);
    throw new AgentAuthError("options_invalid", { detail: `${this.#key(name)} must be a whole number.` });
  }

  /** A list: space-separated, or numbered (`Scopes__0`). */
  list(name: string): string[] | undefined {
    const text = this.text(name);
    if (text !== undefined) return text.split(/\s+/);
    const value = this.#values.get(name.toLowerCase())?.value;
    if (value === undefined || typeof value === "string") return undefined;
    return inOrder(value).flatMap(({ value: item }) => (typeof item === "string" ? [item] : []));
  }

  /** Every value of the section and of those inside it, and where it came from. */
  entries(): readonly ConfigurationEntry[] {
    return entriesOf(
      this.#values,
      this.#path.split("__").filter((name) => name !== ""),
    );
  }

  #key(name: string): string {
    return this.#path === "" ? name : `${this.#path}__${name}`;
  }
}

function entriesOf(values: Values, path: readonly string[]): ConfigurationEntry[] {
  return inOrder(values).flatMap(({ name, value, source }) =>
    typeof value === "string" ? [{ key: [...path, name].join(":"), value, source }] : entriesOf(value, [...path, name]),
  );
}

function mergeFile(root: Values, file: string): void {
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
  mergeValue(root, [], { value, source: basename(file) });
}

function nameOf(cause: unknown): unknown {
  return cause instanceof Error ? new Error(cause.name) : undefined;
}

function mergeValue(root: Values, path: readonly string[], item: { readonly value: unknown; readonly source: string }) {
  const { value, source } = item;
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      mergeValue(root, [...path, ...name.split(":")], { value: inner, source });
    }
  } else if (value !== null && value !== undefined && path.length > 0) {
    setPath(root, path, { value: String(value), source });
  }
}

function setPath(root: Values, path: readonly string[], item: { readonly value: string; readonly source: string }) {
  let section = root;
  for (const [index, name] of path.entries()) {
    const key = name.toLowerCase();
    const entry = section.get(key);
    if (index === path.length - 1) {
      section.set(key, { name: entry?.name ?? name, ...item });
      return;
    }
    if (entry !== undefined && typeof entry.value !== "string") {
      section = entry.value;
    } else {
      const inner: Values = new Map();
      section.set(key, { name: entry?.name ?? name, value: inner, source: item.source });
      section = inner;
    }
  }
}

/** Values by number where they are numbered, else as they came. */
function inOrder(values: Values): ConfigurationValue[] {
  return [...values.values()].sort((a, b) => Number(a.name) - Number(b.name) || 0);
}
