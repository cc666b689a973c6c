export { type AgentMailbox, loadSettings, type Settings } from "./load-settings.js";
export { type RunningSample, runSample, type StartSample } from "./run-sample.js";
