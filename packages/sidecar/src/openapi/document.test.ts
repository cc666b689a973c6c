import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "../../test/world.js";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly deprecated?: boolean;
  readonly schema: { readonly type: string };
}
interface Documented {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly operationId: string;
        readonly parameters: readonly Parameter[];
        readonly responses: Record<string, { readonly content: Record<string, { schema: { $ref: string } }> }>;
      }
    >
  >;
  readonly components: {
    readonly schemas: Record<
      string,
      { readonly required?: readonly string[]; readonly properties?: Record<string, { type?: unknown; $ref?: string }> }
    >;
  };
}
/** What the document of the Entra SDK's container promises: its facts, without its prose. */
interface Promises {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly operationId: string;
        readonly parameters: readonly (Omit<Parameter, "schema"> & { readonly type: string })[];
        readonly responses: Record<string, Record<string, string>>;
      }
    >
  >;
  readonly schemas: Record<
    string,
    { readonly required: readonly string[]; readonly properties: Record<string, { type?: unknown; $ref?: string }> }
  >;
}

const promises: Promises = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../test/fixtures/entra-sdk-promises.json"), "utf8"),
);
const operations = Object.entries(promises.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

let world: World;
let document: Documented;
beforeAll(async () => {
  world = await startWorld({ env: { ASPNETCORE_ENVIRONMENT: "Development" } });
  document = (await world.get("/openapi/v1.json")).json() as unknown as Documented;
});
afterAll(() => world.close());

describe("/openapi/v1.json in Development", () => {
  it("is an OpenAPI 3.1 document of unique operations", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(operations)("promises what the container's does: $method $path", ({ path, method, ...promised }) => {
    const operation = document.paths[path]?.[method];
    expect(operation?.operationId).toBe(promised.operationId);
    for (const parameter of promised.parameters) {
      const ours = operation?.parameters.find(
        ({ name, in: place }) => name === parameter.name && place === parameter.in,
      );
      expect(ours, parameter.name).toMatchObject({
        name: parameter.name,
        schema: { type: parameter.type },
        ...(parameter.required !== undefined && { required: parameter.required }),
        ...(parameter.deprecated !== undefined && { deprecated: parameter.deprecated }),
      });
    }
    for (const [status, contents] of Object.entries(promised.responses)) {
      for (const [type, schema] of Object.entries(contents)) {
        expect(operation?.responses[status]?.content[type]?.schema.$ref).toBe(`#/components/schemas/${schema}`);
      }
    }
  });

  it.each(Object.entries(promises.schemas))("has the container's schema %s", (name, promised) => {
    const ours = document.components.schemas[name];
    expect(ours?.required ?? []).toEqual(expect.arrayContaining([...promised.required]));
    for (const [property, { type, $ref }] of Object.entries(promised.properties)) {
      const own = ours?.properties?.[property];
      if ($ref !== undefined) expect(own?.$ref).toBe($ref);
      // Ours may promise more precisely: a status is a number there, never a number as text.
      if (type !== undefined) expect([type].flat()).toEqual(expect.arrayContaining([own?.type].flat()));
    }
  });

  it("documents every method that is served", () => {
    expect(Object.keys(document.paths["/DownstreamApi/{apiName}"] ?? {}).sort()).toEqual(
      ["delete", "get", "patch", "post", "put"].sort(),
    );
  });
});
