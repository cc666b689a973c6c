import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { AllowedTenants } from "../options/agent-auth-options.js";
import { otherTenant } from "./check-claims.js";
import type { Claims } from "./claims.js";

/** How long an answer of the developer's function is remembered. */
const rememberedMs = 5 * 60 * 1000;

type TenantRule = Exclude<AllowedTenants, readonly string[]>;

/** Which tenants of a multi-tenant app are served. */
export class TenantFilter {
  readonly #allowed: ReadonlySet<string> | TenantRule | undefined;
  readonly #clock: Clock;
  readonly #answers = new LRUCache<string, { readonly allowed: Promise<boolean>; readonly until: number }>({
    max: 10_000,
  });

  constructor(allowed: AllowedTenants | undefined, clock: Clock) {
    this.#allowed =
      allowed === undefined || typeof allowed === "function"
        ? allowed
        : new Set(allowed.map((tenant) => tenant.toLowerCase()));
    this.#clock = clock;
  }

  /**
   * Returns at once where nobody has to be asked.
   * @param token one whose signature holds; not looked at where every tenant is served
   * @throws AgentAuthError `token_tenant_refused`, or `tenant_check_failed` (503) when the developer's function throws
   */
  check(token: { readonly claims: Pick<Claims, "tid"> }): Promise<void> | undefined {
    const rule = this.#allowed;
    if (rule === undefined) return undefined;
    const tenant = (token.claims.tid ?? "").toLowerCase();
    if (typeof rule === "function") return this.#ask(tenant, rule);
    if (!rule.has(tenant)) throw otherTenant();
    return undefined;
  }

  async #ask(tenant: string, rule: TenantRule): Promise<void> {
    let answer = this.#answers.get(tenant);
    if (answer === undefined || this.#clock() >= answer.until) {
      answer = { allowed: askDeveloper(rule, tenant), until: this.#clock() + rememberedMs };
      this.#answers.set(tenant, answer);
    }
    let allowed: boolean;
    try {
      allowed = await answer.allowed;
    } catch (error) {
      // A failure is no answer: the next token asks again.
      if (this.#answers.peek(tenant) === answer) this.#answers.delete(tenant);
      throw error;
    }
    if (!allowed) throw otherTenant();
  }
}

async function askDeveloper(rule: TenantRule, tenant: string): Promise<boolean> {
  try {
    return (await rule(tenant)) === true;
  } catch (cause) {
    throw new AgentAuthError("tenant_check_failed", {
      detail: "Whether the tenant is served could not be found out. Try again shortly.",
      cause,
      retryAfterSeconds: 1,
    });
  }
}
