import { SidecarError } from "../http/sidecar-error.js";

/** One query parameter: every value that came, and the name as the client spelled it. */
interface Parameter {
  readonly name: string;
  readonly values: string[];
}

/** The query of a request. Names are case-insensitive, as in the container. */
export class Parameters {
  static readonly none = new Parameters(new Map());
  readonly #byName: ReadonlyMap<string, Parameter>;

  private constructor(byName: ReadonlyMap<string, Parameter>) {
    this.#byName = byName;
  }

  /** Takes the query as Fastify parsed it: a value, or a list of them, by name. */
  static of(query: unknown): Parameters {
    let byName: Map<string, Parameter> | undefined;
    for (const [name, value] of Object.entries(query as Record<string, string | string[]>)) {
      const key = name.toLowerCase();
      byName ??= new Map();
      const values = byName.get(key)?.values ?? [];
      byName.set(key, { name: byName.get(key)?.name ?? name, values: values.concat(value) });
    }
    return byName === undefined ? Parameters.none : new Parameters(byName);
  }

  /** Names as they came, of the parameters that start with one of the prefixes. */
  namesWith(prefixes: readonly string[]): string[] {
    const wanted = prefixes.map((prefix) => prefix.toLowerCase());
    return [...this.#byName].flatMap(([key, { name }]) =>
      wanted.some((prefix) => key.startsWith(prefix)) ? [name] : [],
    );
  }

  /** Every value of a parameter; empty ones are none. */
  all(name: string): readonly string[] {
    return (this.#byName.get(name.toLowerCase())?.values ?? []).filter((value) => value.trim() !== "");
  }

  /** The value of a parameter that comes once. @throws SidecarError `parameter_invalid` when it came more often */
  one(name: string): string | undefined {
    const values = this.all(name);
    if (values.length > 1) throw invalid(name, "came more than once; send it once");
    return values[0]?.trim();
  }

  /** The parameters below a prefix: the rest of each name, as it was spelled, with its values. */
  below(prefix: string): [string, readonly string[]][] {
    return [...this.#byName].flatMap(([key, { name, values }]): [string, readonly string[]][] =>
      key.startsWith(prefix.toLowerCase()) && key.length > prefix.length ? [[name.slice(prefix.length), values]] : [],
    );
  }

  /** Whether none came. */
  get empty(): boolean {
    return this.#byName.size === 0;
  }
}

/** A parameter that does not hold. */
export function invalid(name: string, reason: string): SidecarError {
  return new SidecarError("parameter_invalid", `${name} ${reason}.`);
}
