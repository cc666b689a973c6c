import { runSample } from "@agent-auth/sample-settings";
import { startSample } from "./start-sample.js";

await runSample("nestjs-sample", startSample);
