import { z } from "zod";

/** Endpoints that a fault can be aimed at. */
export const faultEndpoints = ["token", "authorize", "keys", "metadata", "graph", "managed-identity"] as const;
/** Endpoints that a fault can be aimed at. */
export type FaultEndpoint = (typeof faultEndpoints)[number];

const scripted = {
  /** Which requests it hits. Everything given must hold; nothing given hits all. */
  match: z
    .strictObject({
      endpoint: z.enum(faultEndpoints).optional(),
      /** `grant_type` of a token request. */
      grant: z.string().optional(),
      /** `client_id` of a token request; the client of the token that Graph is called with. */
      clientId: z.string().optional(),
      /** Object id or user principal name that the request is about. */
      user: z.string().optional(),
      tenant: z.string().optional(),
    })
    .default({}),
  /** How many matching requests it hits before it is spent. Default 1. */
  times: z.int().min(1).max(1_000_000).default(1),
};

/** Validates a fault and fills in the defaults. */
export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    /** Seconds; sent as `Retry-After`. */
    retryAfter: z.int().min(0).optional(),
    /** Number of an AADSTS code for the body of a token error. */
    aadsts: z.int().optional(),
    /** OAuth error for the body of a token error. Default `temporarily_unavailable`. */
    error: z.string().optional(),
    /** JSON of a claims challenge for the body of a token error. */
    claims: z.string().optional(),
    /** Replaces the body altogether. */
    body: z.unknown().optional(),
    ...scripted,
  }),
  /** Waits, then answers as usual. */
  z.strictObject({ kind: z.literal("delay"), milliseconds: z.int().min(0).max(600_000), ...scripted }),
  /** Resets the connection without an answer. */
  z.strictObject({ kind: z.literal("reset"), ...scripted }),
  /** Promises the whole body, sends half of it and drops the connection. */
  z.strictObject({ kind: z.literal("truncate"), ...scripted }),
  /** Answers as usual but for the content type. */
  z.strictObject({ kind: z.literal("content-type"), contentType: z.string().default("text/html"), ...scripted }),
  /** Never answers. */
  z.strictObject({ kind: z.literal("hang"), ...scripted }),
  /** Signs with a new key from now on. Without overlap the old ones are no longer published. */
  z.strictObject({ kind: z.literal("rotate-keys"), overlap: z.boolean().default(true) }),
  /** Sets the emulator's clock to this many seconds ahead of the machine's; negative is behind. */
  z.strictObject({ kind: z.literal("clock-offset"), seconds: z.int() }),
  /** Graph answers this user's tokens with a claims challenge until a token obtained with those claims comes. */
  z.strictObject({ kind: z.literal("revoke-user"), user: z.string().min(1) }),
]);

/** What a person writes: a fault, everything with a default optional. */
export type FaultInput = z.input<typeof faultSchema>;
/** A validated fault. */
export type Fault = z.output<typeof faultSchema>;
/** A fault that waits for matching requests. */
export type ScriptedFault = Extract<Fault, { times: number }>;

/** Thrown when a fault is not valid; the message says what is and which kinds there are. */
export class FaultError extends Error {
  override name = "FaultError";
  readonly code = "invalid_fault";
}

/** Kinds of faults, in the order of the documentation. */
export const faultKinds = faultSchema.options.map((option) => option.shape.kind.value);

/** Validates one fault. @throws {FaultError} */
export function parseFault(input: unknown): Fault {
  const parsed = faultSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const kind = typeof input === "object" && input !== null && "kind" in input ? String(input.kind) : undefined;
  if (!kind || !faultKinds.some((known) => known === kind)) {
    throw new FaultError(
      `Unknown fault ${kind ? `'${kind}'` : "without a kind"}. Use one of: ${faultKinds.join(", ")}.`,
    );
  }
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(the fault)"}: ${issue.message}`);
  throw new FaultError(`Invalid fault '${kind}': ${issues.join("; ")}.`);
}
