export { type AuthOf, agentAuth, type Protect, type ProtectedHandler } from "./agent-auth.js";
