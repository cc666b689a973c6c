import { expect, it } from "vitest";
import * as main from "./index.js";
import * as testing from "./testing.js";

it("exports these names and no others", () => {
  expect(Object.keys(main).sort()).toEqual([
    "DirectoryError",
    "FaultError",
    "MintError",
    "callerKinds",
    "createClock",
    "defaultDirectory",
    "directoryJsonSchema",
    "faultKinds",
    "parseDirectory",
    "readDirectoryFile",
    "refusals",
    "startEmulator",
  ]);
  expect(Object.keys(testing).sort()).toEqual([
    "FaultError",
    "MintError",
    "createClock",
    "defaultDirectory",
    "startEmulator",
  ]);
});
