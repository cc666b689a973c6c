import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ruleGroups } from "../../test/rules/index.js";
import { World } from "../../test/world.js";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

for (const [group, { rules }] of Object.entries(ruleGroups)) {
  describe(group, () => {
    for (const { rule, code, refused, accepted } of rules) {
      it(`${rule} (AADSTS${code})`, async () => {
        const refusal = await refused(world);
        expect(refusal.aadsts).toBe(code);
        const answer = await accepted(world);
        expect(answer.aadsts).toBeUndefined();
        expect([200, 302]).toContain(answer.status);
      });
    }
  });
}
