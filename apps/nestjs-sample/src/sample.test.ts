import { describeSample } from "@agent-auth/adapter-contract";
import { startSample } from "./start-sample.js";

describeSample(startSample, new URL("../dist/main.js", import.meta.url));
