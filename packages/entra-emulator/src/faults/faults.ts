import type { Clock } from "../clock.js";
import type { Directory } from "../directory/directory.js";
import type { KeyRing } from "../keys/key-ring.js";
import type { Revocations } from "./revocations.js";
import { type FaultEndpoint, FaultError, type FaultInput, parseFault, type ScriptedFault } from "./schema.js";

/** What a request is, as far as a fault can ask. */
export interface FaultTarget {
  readonly endpoint: FaultEndpoint;
  readonly tenant?: string | undefined;
  readonly grant?: string | undefined;
  readonly clientId?: string | undefined;
  /** Object ids and names that stand for the user of the request. */
  readonly users: readonly string[];
}

/** The faults of an emulator. */
export interface Faults {
  /**
   * Applies a fault at once or scripts it for the requests to come.
   *
   * @throws {FaultError} naming what is wrong
   */
  add(fault: FaultInput): Promise<void>;
  /** Scripted faults that are not spent, in the order in which they hit. */
  readonly pending: readonly ScriptedFault[];
  /** Drops scripted faults, resets the clock, forgets revocations. Keys stay rotated. */
  clear(): void;
  /** Takes the first fault that hits a request. */
  take(target: FaultTarget): ScriptedFault | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly directory: Directory;
  readonly revocations: Revocations;
}

/** Creates the faults of an emulator. */
export function createFaults({ clock, keys, directory, revocations }: Parts): Faults {
  let pending: ScriptedFault[] = [];
  return {
    get pending() {
      return pending;
    },
    async add(input) {
      const fault = parseFault(input);
      switch (fault.kind) {
        case "rotate-keys":
          await keys.rotate(fault.overlap);
          return;
        case "clock-offset":
          clock.advance(fault.seconds - clock.offset);
          return;
        case "revoke-user": {
          const wanted = fault.user.toLowerCase();
          const person = directory.people.find(
            ({ id, username }) => id === wanted || username.toLowerCase() === wanted,
          );
          if (!person) throw new FaultError(`The directory has no user '${fault.user}' to revoke.`);
          revocations.revoke(person.id);
          return;
        }
        default:
          pending.push(fault);
      }
    },
    clear() {
      pending = [];
      clock.advance(-clock.offset);
      revocations.clear();
    },
    take(target) {
      const index = pending.findIndex((fault) => hits(fault, target));
      const fault = pending[index];
      if (!fault) return undefined;
      if (fault.times > 1) pending[index] = { ...fault, times: fault.times - 1 };
      else pending.splice(index, 1);
      return fault;
    },
  };
}

function hits({ match }: ScriptedFault, target: FaultTarget): boolean {
  const same = (wanted: string | undefined, actual: string | undefined) =>
    wanted === undefined || wanted.toLowerCase() === actual?.toLowerCase();
  return (
    same(match.endpoint, target.endpoint) &&
    same(match.grant, target.grant) &&
    same(match.clientId, target.clientId) &&
    same(match.tenant, target.tenant) &&
    (match.user === undefined || target.users.some((user) => same(match.user, user)))
  );
}
