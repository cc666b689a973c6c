export { createApp } from "./app.js";
export { startSample } from "./start-sample.js";
