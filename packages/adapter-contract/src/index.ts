export { type Answer, type SendOptions, send } from "./client.js";
export { countCodeLines } from "./code-lines.js";
export { type AdapterTraits, type AdapterUnderTest, describeAdapter, type RunningServer } from "./describe-adapter.js";
export { type Operation, operationOf, operations } from "./operations.js";
export { readmeSnippets } from "./readme-snippets.js";
export { type ContractWorld, startWorld } from "./world.js";
