export { type Answer, type SendOptions, send } from "./client.js";
export { type AdapterTraits, type AdapterUnderTest, describeAdapter, type RunningServer } from "./describe-adapter.js";
export { describeReadme } from "./describe-readme.js";
export { describeSample } from "./describe-sample.js";
export { describeThinAdapter } from "./describe-thin.js";
export { type Operation, operationOf, operations } from "./operations.js";
export { type ContractWorld, startWorld } from "./world.js";
