import { type AgentAuth, type AgentAuthErrorCode, isAgentAuthError } from "@agent-auth/core";
import { expect } from "vitest";
import type { Answer } from "./client.js";

/**
 * Expects the answer that core makes of an error, to the byte: the same status, challenge, content type and body that
 * `answer()` gives, so that no framework can differ from another.
 */
export async function expectProblem(
  answer: Answer,
  expected: {
    readonly code: AgentAuthErrorCode;
    readonly status: number;
    /** The instance under the server. */
    readonly auth: AgentAuth;
    /** Makes core throw the same error. */
    readonly refusedBy: () => unknown;
  },
): Promise<void> {
  expect(answer.json()).toMatchObject({ code: expected.code, status: expected.status });
  const error = await thrownBy(expected.refusedBy);
  const { status, headers, body } = expected.auth.answer(error) ?? { status: 0, headers: {}, body: "" };
  expect(answer.status).toBe(expected.status);
  expect(answer.status).toBe(status);
  expect(answer.text).toBe(body);
  for (const [name, value] of Object.entries(headers)) expect(answer.headers[name.toLowerCase()]).toBe(value);
  for (const name of ["www-authenticate", "retry-after"]) {
    if (!Object.keys(headers).some((header) => header.toLowerCase() === name)) {
      expect(answer.headers).not.toHaveProperty(name);
    }
  }
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-store");
}

async function thrownBy(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    expect(isAgentAuthError(error)).toBe(true);
    return error;
  }
  throw new Error("core refuses nothing here, but the contract expects it to");
}
