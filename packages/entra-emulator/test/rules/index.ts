import { agentRules } from "./agent-rules.js";
import { credentialRules } from "./credential-rules.js";
import { onBehalfOfRules } from "./on-behalf-of-rules.js";
import { requestRules } from "./request-rules.js";
import type { Rule } from "./rule.js";
import { signInRules } from "./sign-in-rules.js";

/** Every rule, by the heading of the README's table. */
export const ruleGroups: Readonly<Record<string, readonly Rule[]>> = {
  "Every request": requestRules,
  "Client credentials": credentialRules,
  "Agent identities and agent users": agentRules,
  "On behalf of a user, consent, Conditional Access": onBehalfOfRules,
  "Sign-in, codes, refresh tokens": signInRules,
};
