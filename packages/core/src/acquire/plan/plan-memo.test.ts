import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlanInput, plan } from "./plan.js";
import { PlanMemo } from "./plan-memo.js";

const guids = ["a9e00000-0000-4000-8000-00000000000c", "b1000000-0000-4000-8000-00000000000b"];
const optional = <Item>(...items: Item[]) => fc.constantFrom(undefined, ...items);

/** Inputs of few values, so that they meet each other, some of which stand at several places. */
const inputs = fc.record({
  service: fc.constantFrom("Graph", "path"),
  tenantId: fc.constantFrom("t1.example", "t2.example"),
  caller: fc.constant(undefined),
  agentIdentity: optional(...guids),
  agentUsername: optional("path", "x"),
  agentUserId: optional(...guids),
  requestAppToken: fc.boolean(),
  fmiPath: optional("path", "x"),
  managedIdentity: optional("system-assigned", "x"),
  session: optional("path", "x"),
  scopes: optional(["x"], ["path"], ["a", "b"]),
});

const complete = (input: object) =>
  ({ clientId: "c", api: { scopes: ["User.Read"] }, ...input }) as unknown as PlanInput;

describe("PlanMemo", () => {
  test("gives what plan() gives, in whatever order it is asked", () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (asked, maxPlans) => {
        const memo = new PlanMemo(maxPlans);
        for (const input of asked.map(complete)) {
          const direct = outcome(() => plan(input));
          expect(outcome(() => memo.get(input))).toEqual(direct);
          expect(outcome(() => memo.get(input))).toEqual(direct);
          expect(memo.size).toBeLessThanOrEqual(maxPlans);
        }
      }),
    );
  });

  test("gives the same object again, and remembers no refusal", () => {
    const memo = new PlanMemo();
    const input = complete({ service: "Graph", tenantId: "t.example" });
    expect(memo.get(input)).toBe(memo.get({ ...input }));
    for (let index = 0; index < 100; index++) {
      expect(() => memo.get({ ...input, agentIdentity: `no-guid-${index}` })).toThrow(/GUID/);
    }
    expect(memo.size).toBe(1);
  });
});

function outcome(work: () => object): unknown {
  try {
    const { flow, legs } = work() as ReturnType<typeof plan>;
    return { flow, legs };
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
