import type { DownstreamInit, TokenOptions } from "@agent-auth/core";
import { SidecarError } from "../http/sidecar-error.js";
import { type OverrideDraft, overrideParameters } from "./override-parameters.js";
import { invalid, type Parameters } from "./parameters.js";
import { headerNameOf, headerValueOf } from "./values.js";

/** Prefix of every override. */
export const overridePrefix = "optionsOverride.";
const headerPrefixes = [`${overridePrefix}ExtraHeaderParameters.`, "CustomHeader.", `${overridePrefix}CustomHeader.`];
const queryPrefix = `${overridePrefix}ExtraQueryParameters.`;

/** Prefixes of what a closed gate ignores, besides the agent parameters. */
export const gatedPrefixes = [overridePrefix, "CustomHeader."] as const;

/** What a request overrides, for itself alone: new objects, made for each request. */
export interface Overrides {
  readonly token: TokenOptions;
  readonly init: Pick<DownstreamInit, "query"> & { readonly headers: Readonly<Record<string, string>> };
  readonly path: string | undefined;
  readonly method: string | undefined;
  /** Key of a long-running session. */
  readonly session: string | undefined;
}

const noOverrides: Overrides = Object.freeze({
  token: Object.freeze({}),
  init: Object.freeze({ headers: Object.freeze({}) }),
  path: undefined,
  method: undefined,
  session: undefined,
});

/**
 * Reads the overrides of a request. Unknown ones are ignored, as by the container.
 * @throws SidecarError `parameter_invalid`, `parameter_unsupported`
 */
export function readOverrides(parameters: Parameters): Overrides {
  if (parameters.empty) return noOverrides;
  const draft = newDraft();
  for (const parameter of overrideParameters) {
    const name = `${overridePrefix}${parameter.name}`;
    const value = parameter.repeatable ? parameters.all(name).join(" ") : parameters.one(name);
    if (value === undefined || value === "") continue;
    if (parameter.unsupported !== undefined) {
      throw new SidecarError("parameter_unsupported", `${name} is not supported: ${parameter.unsupported}.`);
    }
    parameter.apply?.(draft, value, name);
  }
  readHeaders(parameters, draft);
  for (const [name, values] of parameters.below(queryPrefix)) draft.query[name] = values;
  return {
    token: draft.token,
    init: { headers: draft.headers, query: draft.query },
    path: draft.path,
    method: draft.method,
    session: draft.session,
  };
}

function readHeaders(parameters: Parameters, draft: OverrideDraft): void {
  for (const prefix of headerPrefixes) {
    for (const [name, values] of parameters.below(prefix)) {
      // The sidecar's own; core sets it last in any case.
      if (name.toLowerCase() === "authorization") continue;
      const parameter = `${prefix}${name}`;
      if (values.length > 1) throw invalid(parameter, "came more than once; send it once");
      draft.headers[headerNameOf(parameter, name)] = headerValueOf(parameter, values[0] ?? "");
    }
  }
}

/** Names come from the request, so the objects that hold them have no prototype to disturb. */
function newDraft(): OverrideDraft {
  return {
    token: {},
    headers: Object.create(null),
    query: Object.create(null),
    path: undefined,
    method: undefined,
    session: undefined,
  };
}
