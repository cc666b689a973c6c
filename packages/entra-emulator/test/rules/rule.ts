import type { RefusalCode } from "../../src/token/refusals.js";
import type { World } from "../world.js";

/** What an endpoint answered, as far as a rule looks at it. */
export interface RuleAnswer {
  readonly status: number;
  readonly aadsts: number | undefined;
}

/** One rule of the emulator: a request that breaks it, and the nearest one that does not. */
export interface Rule {
  /** What must hold, as the README's table says it. */
  readonly rule: string;
  readonly code: RefusalCode;
  readonly refused: (world: World) => Promise<RuleAnswer>;
  readonly accepted: (world: World) => Promise<RuleAnswer>;
}
