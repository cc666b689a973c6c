import { createClock, type Emulator, type EmulatorOptions, startEmulator } from "@agent-auth/entra-emulator/testing";
import { type AgentAuth, type AgentAuthOptions, createAgentAuth, loadOptions, type RequestAuth } from "../src/index.js";

/** An emulator, and apps against it that share its clock and are closed with it. */
export interface Emulated {
  readonly emulator: Emulator;
  /** Milliseconds since the epoch, as app and emulator see them. */
  readonly now: () => number;
  /** Moves the clock of both. */
  advance(seconds: number): void;
  /** What the apps logged. */
  readonly log: string[];
  app(overrides?: Partial<AgentAuthOptions>): AgentAuth;
  request(app: AgentAuth, user?: string): Promise<RequestAuth>;
  close(): Promise<void>;
}

/** Starts both. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulated> {
  let offset = 0;
  const emulator = await startEmulator({ clock: createClock(), ...options });
  const now = () => Date.now() + offset * 1000;
  const log: string[] = [];
  const apps: AgentAuth[] = [];
  const line = (message: string) => void log.push(message);
  return {
    emulator,
    now,
    log,
    advance(seconds) {
      offset += seconds;
      emulator.advance(seconds);
    },
    app(overrides = {}) {
      const app = createAgentAuth({
        ...loadOptions({ env: emulator.env, directory: import.meta.dirname }),
        clock: now,
        logger: { warn: line, error: line },
        ...overrides,
      });
      apps.push(app);
      return app;
    },
    async request(app, user) {
      const token = await emulator.mint("user", { expiresIn: 7 * 24 * 3600, ...(user !== undefined && { user }) });
      return app.authenticate({ authorization: `Bearer ${token}` });
    },
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await emulator.close();
    },
  };
}

/** Waits until something holds. @throws Error when it does not within five seconds */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("what was waited for did not happen");
}
