export { type AgentMailbox, createApp } from "./app.js";
export { loadSettings, type Settings } from "./settings.js";
export { type RunningSample, startSample } from "./start-sample.js";
