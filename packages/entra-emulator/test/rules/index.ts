import { agentRules } from "./agent-rules.js";
import { credentialRules } from "./credential-rules.js";
import { onBehalfOfRules } from "./on-behalf-of-rules.js";
import { requestRules } from "./request-rules.js";
import type { Rule } from "./rule.js";
import { signInRules } from "./sign-in-rules.js";

/** The rules of one file. */
export interface RuleGroup {
  readonly file: string;
  readonly rules: readonly Rule[];
}

/** Every rule, by the heading of the README's table. */
export const ruleGroups: Readonly<Record<string, RuleGroup>> = {
  "Every request": { file: "test/rules/request-rules.ts", rules: requestRules },
  "Client credentials": { file: "test/rules/credential-rules.ts", rules: credentialRules },
  "Agent identities and agent users": { file: "test/rules/agent-rules.ts", rules: agentRules },
  "On behalf of a user, consent, Conditional Access": {
    file: "test/rules/on-behalf-of-rules.ts",
    rules: onBehalfOfRules,
  },
  "Sign-in, codes, refresh tokens": { file: "test/rules/sign-in-rules.ts", rules: signInRules },
};
