import { isDelegated } from "../../token/caller.js";
import { legKey } from "./leg.js";
import { type Plan, type PlanInput, plan } from "./plan.js";

/** A plan with the keys of its legs at hand. */
export interface PreparedPlan extends Plan {
  /** {@link legKey} of each leg. */
  readonly keys: readonly string[];
}

type Node = Map<unknown, unknown>;

/**
 * Plans by what selects them, so that a call that was planned before costs a few Map lookups. Of the caller, a plan
 * sees only whether a user is present. What is refused is not remembered.
 */
export class PlanMemo {
  readonly #maxPlans: number;
  #usual: Node = new Map();
  #special: Node = new Map();
  #size = 0;

  /** @param maxPlans when as many are there, all are forgotten: making one anew costs microseconds. Default 10 000 */
  constructor(maxPlans = 10_000) {
    this.#maxPlans = maxPlans;
  }

  /** How many plans are remembered. */
  get size(): number {
    return this.#size;
  }

  /** The plan of a call. @throws whatever {@link plan} throws */
  get(input: PlanInput): PreparedPlan {
    const special = isSpecial(input);
    const known = special ? find(this.#special, specialPath(input)) : findUsual(this.#usual, input);
    if (known !== undefined) return known;
    const made = plan(input);
    const prepared: PreparedPlan = Object.freeze({ ...made, keys: made.legs.map(legKey) });
    if (this.#size >= this.#maxPlans) this.#forget();
    insert(special ? this.#special : this.#usual, special ? specialPath(input) : usualPath(input), prepared);
    this.#size++;
    return prepared;
  }

  #forget(): void {
    this.#usual = new Map();
    this.#special = new Map();
    this.#size = 0;
  }
}

/** Whether a call names more than service, tenant, caller, agent identity and scopes. */
function isSpecial({ agentUserId, agentUsername, session, fmiPath, managedIdentity }: PlanInput): boolean {
  return (
    agentUserId !== undefined ||
    agentUsername !== undefined ||
    session !== undefined ||
    fmiPath !== undefined ||
    managedIdentity !== undefined
  );
}

function modeOf({ requestAppToken, caller }: PlanInput): unknown {
  return requestAppToken ? "app" : caller === undefined ? "nobody" : isDelegated(caller);
}

// Each tree has one depth throughout, so that no value of one level can be taken for one of another.

function usualPath(input: PlanInput): readonly unknown[] {
  return [input.service, input.tenantId, modeOf(input), input.agentIdentity, input.scopes?.join(" ")];
}

function specialPath(input: PlanInput): readonly unknown[] {
  const { agentUserId, agentUsername, session, fmiPath, managedIdentity } = input;
  return [...usualPath(input), agentUserId, agentUsername, session, fmiPath, managedIdentity];
}

/** `find(root, usualPath(input))` without the array: it runs on every cached call. */
function findUsual(root: Node, input: PlanInput): PreparedPlan | undefined {
  const tenants = root.get(input.service) as Node | undefined;
  const modes = tenants?.get(input.tenantId) as Node | undefined;
  const agents = modes?.get(modeOf(input)) as Node | undefined;
  const scopes = agents?.get(input.agentIdentity) as Node | undefined;
  return scopes?.get(input.scopes?.join(" ")) as PreparedPlan | undefined;
}

function find(root: Node, path: readonly unknown[]): PreparedPlan | undefined {
  let value: unknown = root;
  for (const key of path) {
    if (value === undefined) return undefined;
    value = (value as Node).get(key);
  }
  return value as PreparedPlan | undefined;
}

function insert(root: Node, path: readonly unknown[], prepared: PreparedPlan): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    let inner = node.get(key) as Node | undefined;
    if (inner === undefined) {
      inner = new Map();
      node.set(key, inner);
    }
    node = inner;
  }
  node.set(path.at(-1), prepared);
}
