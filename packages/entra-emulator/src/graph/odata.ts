import { GraphError } from "./graph-error.js";

const MAX_TOP = 999;

/** Paging and projection that a Graph request asks for. */
export interface ODataQuery {
  readonly top?: number;
  readonly skip: number;
  readonly select?: readonly string[];
}

/** Reads `$top`, `$skip` and `$select`. @throws {GraphError} 400 for a value that is no such thing */
export function readODataQuery(query: unknown): ODataQuery {
  const values = (typeof query === "object" && query !== null ? query : {}) as Record<string, unknown>;
  const top = wholeNumber(values, "$top", 1, MAX_TOP);
  const select = values.$select;
  return {
    ...(top === undefined ? {} : { top }),
    skip: wholeNumber(values, "$skip", 0, Number.MAX_SAFE_INTEGER) ?? 0,
    ...(typeof select === "string" ? { select: select.split(",").map((name) => name.trim()) } : {}),
  };
}

/** Cuts a page out of a collection and wraps it as OData does, with a link to the next page when there is one. */
export function toCollection(items: readonly object[], query: ODataQuery, address: { url: string; context: string }) {
  const top = query.top ?? 100;
  const page = items.slice(query.skip, query.skip + top).map((item) => project(item, query));
  const rest = items.length > query.skip + top;
  const next = new URL(address.url);
  next.searchParams.set("$top", String(top));
  next.searchParams.set("$skip", String(query.skip + top));
  return {
    "@odata.context": address.context,
    ...(rest ? { "@odata.nextLink": next.href } : {}),
    value: page,
  };
}

/** Keeps the properties that `$select` names. */
export function project(item: object, query: ODataQuery): object {
  const { select } = query;
  if (!select) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => name.startsWith("@") || select.includes(name)));
}

function wholeNumber(values: Record<string, unknown>, name: string, min: number, max: number): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new GraphError(400, "BadRequest", `Invalid value '${String(value)}' for ${name} query option found.`);
}
