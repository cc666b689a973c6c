export { appModule } from "./app.module.js";
export { startSample } from "./start-sample.js";
