import type { FastifyRequest } from "fastify";
import { type GraphCaller, type Permissions, requirePermission } from "../graph-caller.js";
import { GraphError } from "../graph-error.js";

const both = (...names: string[]): Permissions => ({ delegated: names, application: names });

/**
 * Permissions of the Agent ID API, as the reference pages of Microsoft Graph list them per operation.
 *
 * @see https://learn.microsoft.com/graph/api/resources/agentid-platform-overview
 */
export const provisioning = {
  createBlueprint: both("AgentIdentityBlueprint.Create", "AgentIdentityBlueprint.ReadWrite.All"),
  readBlueprint: both(
    "AgentIdentityBlueprint.Read.All",
    "AgentIdentityBlueprint.ReadWrite.All",
    "Application.Read.All",
    "Application.ReadWrite.All",
  ),
  deleteBlueprint: both("AgentIdentityBlueprint.DeleteRestore.All", "AgentIdentityBlueprint.ReadWrite.All"),
  addCredential: both("AgentIdentityBlueprint.AddRemoveCreds.All", "AgentIdentityBlueprint.ReadWrite.All"),
  createPrincipal: both("AgentIdentityBlueprintPrincipal.Create", "AgentIdentityBlueprintPrincipal.ReadWrite.All"),
  readPrincipal: both(
    "AgentIdentityBlueprintPrincipal.ReadWrite.All",
    "AgentIdentityBlueprint.Read.All",
    "Application.Read.All",
    "Application.ReadWrite.All",
  ),
  deletePrincipal: both(
    "AgentIdentityBlueprintPrincipal.DeleteRestore.All",
    "AgentIdentityBlueprintPrincipal.ReadWrite.All",
  ),
  createAgent: {
    delegated: ["AgentIdentity.Create.All", "AgentIdentity.ReadWrite.All"],
    application: ["AgentIdentity.Create.All", "AgentIdentity.CreateAsManager", "AgentIdentity.ReadWrite.All"],
  },
  readAgent: both(
    "AgentIdentity.Read.All",
    "AgentIdentity.ReadWrite.All",
    "Application.Read.All",
    "Application.ReadWrite.All",
  ),
  deleteAgent: both("AgentIdentity.DeleteRestore.All", "AgentIdentity.ReadWrite.All"),
  writeAgentUser: both("AgentIdUser.ReadWrite.IdentityParentedBy", "AgentIdUser.ReadWrite.All", "User.ReadWrite.All"),
  readAgentUser: both("AgentIdUser.ReadWrite.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"),
} satisfies Record<string, Permissions>;

/** Checks the permission, and for writing the header that the Agent ID API insists on. @throws {GraphError} */
export function authorize(request: FastifyRequest, caller: GraphCaller, permissions: Permissions): void {
  requirePermission(caller, permissions);
  if (request.method !== "GET" && request.headers["odata-version"] !== "4.0") {
    throw new GraphError(400, "Request_BadRequest", "The header 'OData-Version: 4.0' is required.");
  }
}
