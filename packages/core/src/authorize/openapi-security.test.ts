import { expect, it } from "vitest";
import { openapiSecurity } from "./openapi-security.js";

it("describes what a route's policy asks for", () => {
  expect(openapiSecurity()).toEqual([{ entra: [] }]);
  expect(openapiSecurity(false)).toEqual([]);
  expect(openapiSecurity({ optional: true })).toEqual([{}, { entra: [] }]);
  expect(openapiSecurity({ scopes: [{ allOf: ["A", "B"] }], roles: ["C"] })).toEqual([{ entra: ["A", "B", "C"] }]);
  expect(openapiSecurity({ scopesOrRoles: { scopes: ["A"], roles: ["B"] } })).toEqual([{ entra: ["A", "B"] }]);
});
