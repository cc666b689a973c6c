import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type AgentAuth, createAgentAuth, loadOptions } from "@agent-auth/core";
import { type Emulator, startEmulator } from "@agent-auth/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "./client.js";
import type { RunningServer } from "./describe-adapter.js";

const routes = [
  { path: "/api/profile", kind: "user", refused: "app" },
  { path: "/api/messages?top=2", kind: "user", refused: "agent" },
  { path: "/api/agent/users", kind: "app", refused: "user" },
  { path: "/api/agent/mailbox", kind: "agent", refused: "user" },
] as const;

/** Defines the suite that every sample passes: its routes over HTTP, its OpenAPI document, and its program. */
export function describeSample(
  startSample: (
    auth: AgentAuth,
    mailbox: { readonly agentIdentity: string; readonly username: string },
    port: number,
  ) => Promise<RunningServer>,
  program: URL,
): void {
  describe("the API", () => {
    let emulator: Emulator;
    let auth: AgentAuth;
    let sample: RunningServer;
    const bearer = async (...mint: Parameters<Emulator["mint"]>) => ({
      authorization: `Bearer ${await emulator.mint(...mint)}`,
    });

    beforeAll(async () => {
      emulator = await startEmulator();
      const [mailbox] = emulator.agentUsers;
      if (mailbox === undefined) throw new Error("the emulator's directory has no agent user");
      const options = loadOptions({ env: emulator.env, directory: import.meta.dirname });
      auth = createAgentAuth({ ...options, agentIdentity: mailbox.agentIdentity });
      sample = await startSample(auth, mailbox, 0);
    });
    afterAll(async () => {
      await sample?.close();
      await auth?.close();
      await emulator?.close();
    });

    it("is healthy, and says so to anyone", async () => {
      const answer = await send(`${sample.url}/healthz`);
      expect([answer.status, answer.text]).toEqual([200, "Healthy"]);
    });

    it.each(routes)("$path serves a caller of kind $kind, and refuses $refused", async ({ path, kind, refused }) => {
      const answer = await send(`${sample.url}${path}`, { headers: await bearer(kind) });
      expect(answer.status).toBe(200);
      expect(answer.json()).toHaveProperty(path === "/api/profile" ? "userPrincipalName" : "value");
      expect((await send(`${sample.url}${path}`, { headers: await bearer(refused) })).status).toBe(403);
      expect((await send(`${sample.url}${path}`)).status).toBe(401);
    });

    it("reads the profile of whoever calls", async () => {
      for (const { id } of emulator.users) {
        const answer = await send(`${sample.url}/api/profile`, { headers: await bearer("user", { user: id }) });
        expect(answer.json()).toMatchObject({ id });
      }
    });

    it("reads the first messages, as many as asked for", async () => {
      const headers = await bearer("user");
      expect((await send(`${sample.url}/api/messages?top=1`, { headers })).json().value).toHaveLength(1);
      for (const top of ["0", "51", "many", "1.5"]) {
        expect((await send(`${sample.url}/api/messages?top=${top}`, { headers })).status).toBe(400);
      }
    });

    it("sends a message", async () => {
      const answer = await send(`${sample.url}/api/messages/send`, {
        method: "POST",
        headers: { ...(await bearer("user")), "content-type": "application/json" },
        body: JSON.stringify({
          subject: "Lunch?",
          body: { contentType: "Text", content: "At noon." },
          toRecipients: [{ emailAddress: { address: "ben@contoso.example" } }],
        }),
      });
      expect(answer.status).toBe(202);
      expect(answer.json()).toEqual({ sent: true });
      const received = await send(`${sample.url}/api/messages`, {
        headers: await bearer("user", { user: "ben@contoso.example" }),
      });
      expect(received.text).toContain("Lunch?");
    });

    it("describes itself at /docs", async () => {
      const answer = await send(`${sample.url}/docs`);
      expect(answer.status).toBe(200);
      const document = answer.json() as unknown as OpenApi;
      expect(document.openapi).toMatch(/^3\./);
      expect(Object.keys(document.paths).sort()).toEqual([
        "/api/agent/mailbox",
        "/api/agent/users",
        "/api/messages",
        "/api/messages/send",
        "/api/profile",
        "/healthz",
      ]);
      const [[scheme, definition] = []] = Object.entries(document.components.securitySchemes);
      expect(definition).toMatchObject({ type: "http", scheme: "bearer" });
      expect(document.paths["/api/profile"]?.get?.security?.map((entry) => Object.keys(entry))).toEqual([[scheme]]);
      expect(document.paths["/healthz"]?.get?.security ?? []).toEqual([]);
    });
  });

  it("runs by itself, without configuration, and stops when told to", async () => {
    const child = spawn(process.execPath, [fileURLToPath(program)], {
      env: { PATH: process.env.PATH, PORT: "0" },
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let url = "";
    let emulator = "";
    for await (const line of createInterface({ input: child.stdout })) {
      url ||= / listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? "";
      emulator ||= /a local Entra emulator runs at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? "";
      if (url !== "" && emulator !== "") break;
    }
    child.stdout.resume();
    expect((await send(`${url}/healthz`)).text).toBe("Healthy");
    const minted = await send(`${emulator}/_emulator/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"kind":"user"}',
    });
    const authorization = `Bearer ${minted.json().access_token}`;
    expect((await send(`${url}/api/profile`, { headers: { authorization } })).status).toBe(200);
    child.kill("SIGTERM");
    // It ends by itself, so nothing is left open; a signal would be told here.
    expect(await exited).toEqual([0, null]);
  }, 60_000);
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, { readonly get?: { readonly security?: readonly Record<string, unknown>[] } }>;
  readonly components: { readonly securitySchemes: Record<string, unknown> };
}
