/** What one check found, in one line. */
export interface Finding {
  /** What was looked at: `configuration`, `discovery`, `Graph: exchange`, … */
  readonly check: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** What was found and, unless it is well, what to do. */
  readonly detail: string;
}

/** Builds a finding of each status: `found.failed("keys", "…")`. */
export const found = {
  ok: (check: string, detail: string): Finding => ({ check, status: "ok", detail }),
  warning: (check: string, detail: string): Finding => ({ check, status: "warning", detail }),
  failed: (check: string, detail: string): Finding => ({ check, status: "failed", detail }),
  skipped: (check: string, detail: string): Finding => ({ check, status: "skipped", detail }),
} as const;
