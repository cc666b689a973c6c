import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AgentIdentity, Person } from "../../directory/entities.js";
import type { GraphCaller } from "../graph-caller.js";
import { GraphError } from "../graph-error.js";
import type { GraphScope } from "../graph-scope.js";
import { readODataQuery, toCollection } from "../odata.js";
import { notFound, toGraphUser } from "../people-routes.js";
import { agentIdentityBody, agentUserBody, readBody } from "./bodies.js";
import { authorize, provisioning } from "./permissions.js";
import { toGraphAgent } from "./representations.js";

const AGENTS = "/servicePrincipals/microsoft.graph.agentIdentity";
const AGENT_USERS = "/users/microsoft.graph.agentUser";

interface ById {
  Params: { id: string };
}

/**
 * Agent identities and agent users.
 *
 * @see https://learn.microsoft.com/graph/api/agentidentity-post
 * @see https://learn.microsoft.com/graph/api/agentuser-post
 */
export function agentRoutes(app: FastifyInstance, scope: GraphScope): void {
  const { context, callerOf, metadataOf } = scope;
  const { directory } = context;
  const findAgent = (tenantId: string, id: string): AgentIdentity => {
    const agent = directory.client(tenantId, id);
    if (agent?.kind !== "agent-identity") throw notFound(id);
    return agent;
  };
  const findAgentUser = (tenantId: string, id: string): Person => {
    const person = directory.person(tenantId, id);
    if (person?.kind !== "agent-user") throw notFound(id);
    return person;
  };

  app.post(AGENTS, (request, reply) => {
    const caller = callerOf(request);
    const body = readBody(agentIdentityBody, request.body);
    authorizeCreation(scope, request, caller, body.agentIdentityBlueprintId);
    const parent = directory.clientAnywhere(body.agentIdentityBlueprintId);
    if (parent?.kind !== "blueprint") {
      throw new GraphError(
        400,
        "AgentIdentity_IncompatibleParentType",
        "agentIdentityBlueprintId must be the appId of an agent identity blueprint.",
      );
    }
    if (!directory.client(caller.tenantId, parent.clientId)) {
      throw new GraphError(
        400,
        "AgentIdentity_AgentBlueprintPrincipalDoesNotExist",
        "The blueprint has no service principal in this tenant. Create it first.",
      );
    }
    const agent: AgentIdentity = {
      kind: "agent-identity",
      tenant: caller.tenantId,
      clientId: randomUUID(),
      blueprint: parent.clientId,
      displayName: body.displayName,
      enabled: true,
    };
    directory.addClient(agent);
    return reply.code(201).send({ "@odata.context": metadataOf("servicePrincipals/$entity"), ...toGraphAgent(agent) });
  });

  app.get(AGENTS, (request) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.readAgent);
    const own = directory.agentIdentities.filter((agent) => agent.tenant === caller.tenantId);
    const address = { url: `${context.url}${request.url}`, context: metadataOf("servicePrincipals") };
    return toCollection(own.map(toGraphAgent), readODataQuery(request.query), address);
  });

  for (const path of ["/servicePrincipals/:id/microsoft.graph.agentIdentity", `${AGENTS}/:id`]) {
    app.get<ById>(path, (request) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.readAgent);
      return toGraphAgent(findAgent(caller.tenantId, request.params.id));
    });
    app.delete<ById>(path, (request, reply) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.deleteAgent);
      directory.removeClient(findAgent(caller.tenantId, request.params.id).clientId);
      return reply.code(204).send();
    });
    app.post<ById>(`${path}/addPassword`, (request) => {
      const agent = findAgent(callerOf(request).tenantId, request.params.id);
      throw new GraphError(
        400,
        "AgentIdentity_CredentialsNotSupported",
        `Credentials belong to the blueprint ${agent.blueprint}, never to an agent identity.`,
      );
    });
  }

  app.post(AGENT_USERS, (request, reply) => {
    const caller = callerOf(request);
    const body = readBody(agentUserBody, request.body);
    authorize(request, caller, provisioning.writeAgentUser);
    const parent = findAgent(caller.tenantId, body.identityParentId);
    const taken =
      directory.person(caller.tenantId, body.userPrincipalName) ??
      directory.agentUsers.find((user) => user.agentIdentity === parent.clientId);
    if (taken) {
      throw new GraphError(
        400,
        "Request_BadRequest",
        `An agent user or a user of this name exists already: ${taken.username}.`,
      );
    }
    const person: Person = {
      kind: "agent-user",
      tenant: caller.tenantId,
      id: randomUUID(),
      username: body.userPrincipalName,
      displayName: body.displayName,
      agentIdentity: parent.clientId,
      enabled: body.accountEnabled,
      groups: [],
    };
    directory.addPerson(person);
    return reply.code(201).send({ "@odata.context": metadataOf("users/$entity"), ...toGraphUser(person) });
  });

  app.get(AGENT_USERS, (request) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.readAgentUser);
    const own = directory.agentUsers.filter((user) => user.tenant === caller.tenantId);
    const address = { url: `${context.url}${request.url}`, context: metadataOf("users") };
    return toCollection(own.map(toGraphUser), readODataQuery(request.query), address);
  });

  for (const path of ["/users/:id/microsoft.graph.agentUser", `${AGENT_USERS}/:id`]) {
    app.delete<ById>(path, (request, reply) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.writeAgentUser);
      directory.removePerson(findAgentUser(caller.tenantId, request.params.id).id);
      return reply.code(204).send();
    });
  }
}

/** A blueprint may create its own agent identities without being granted anything, and nobody else's. */
function authorizeCreation(
  { context }: GraphScope,
  request: FastifyRequest,
  caller: GraphCaller,
  blueprintId: string,
): void {
  const client = caller.person ? undefined : context.directory.clientAnywhere(caller.clientId);
  if (client?.kind === "agent-identity") {
    throw new GraphError(
      403,
      "Error_AgentIdentitiesCreatingAgentIdentitiesNotAllowed",
      "Agent identities cannot create agent identities.",
    );
  }
  if (client?.kind === "blueprint" && client.clientId !== blueprintId) {
    throw new GraphError(
      403,
      "Error_AgentBlueprintCannotCreateAssociatedIdentity",
      "A blueprint cannot create an agent identity of another blueprint.",
    );
  }
  const implied = client?.kind === "blueprint" ? ["AgentIdentity.CreateAsManager"] : [];
  authorize(request, { ...caller, roles: [...caller.roles, ...implied] }, provisioning.createAgent);
}
