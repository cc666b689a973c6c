import { randomBytes, randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Blueprint } from "../../directory/entities.js";
import type { GraphScope } from "../graph-scope.js";
import { readODataQuery, toCollection } from "../odata.js";
import { notFound } from "../people-routes.js";
import { addPasswordBody, blueprintBody, blueprintPrincipalBody, federatedCredentialBody, readBody } from "./bodies.js";
import { authorize, provisioning } from "./permissions.js";
import { applicationObjectId, toGraphBlueprint, toGraphPrincipal } from "./representations.js";

const BLUEPRINTS = "/applications/microsoft.graph.agentIdentityBlueprint";
const PRINCIPALS = "/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal";

interface ById {
  Params: { id: string };
}

/**
 * Blueprints, their credentials and their service principals.
 *
 * @see https://learn.microsoft.com/graph/api/agentidentityblueprint-post
 */
export function blueprintRoutes(app: FastifyInstance, { context, callerOf, metadataOf }: GraphScope): void {
  const { directory } = context;
  const find = (tenantId: string, id: string): Blueprint => {
    const wanted = id.toLowerCase();
    const found = directory.blueprints
      .filter((blueprint) => blueprint.tenant === tenantId)
      .find((blueprint) => blueprint.clientId === wanted || applicationObjectId(blueprint) === wanted);
    if (!found) throw notFound(id);
    return found;
  };

  app.post(BLUEPRINTS, (request, reply) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.createBlueprint);
    const body = readBody(blueprintBody, request.body);
    const blueprint: Blueprint = {
      kind: "blueprint",
      tenant: caller.tenantId,
      clientId: randomUUID(),
      displayName: body.displayName,
      enabled: true,
      multiTenant: body.signInAudience === "AzureADMultipleOrgs",
      principals: [],
      secrets: [],
      certificates: [],
      federatedCredentials: [],
      inheritablePermissions: [],
      api: {
        identifierUris: body.identifierUris,
        tokenVersion: "2.0",
        scopes: body.api.oauth2PermissionScopes.map(({ value }) => value),
        roles: body.appRoles.map(({ value }) => value),
        optionalClaims: [],
      },
    };
    // Graph creates no service principal along with it, and without one there are no tokens.
    directory.addClient(blueprint, []);
    return reply
      .code(201)
      .send({ "@odata.context": metadataOf("applications/$entity"), ...toGraphBlueprint(blueprint) });
  });

  app.get(BLUEPRINTS, (request) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.readBlueprint);
    const own = directory.blueprints.filter((blueprint) => blueprint.tenant === caller.tenantId);
    const address = { url: `${context.url}${request.url}`, context: metadataOf("applications") };
    return toCollection(own.map(toGraphBlueprint), readODataQuery(request.query), address);
  });

  for (const path of [`/applications/:id/microsoft.graph.agentIdentityBlueprint`, `${BLUEPRINTS}/:id`]) {
    app.get<ById>(path, (request) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.readBlueprint);
      return toGraphBlueprint(find(caller.tenantId, request.params.id));
    });

    app.delete<ById>(path, (request, reply) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.deleteBlueprint);
      directory.removeClient(find(caller.tenantId, request.params.id).clientId);
      return reply.code(204).send();
    });

    app.post<ById>(`${path}/addPassword`, (request) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.addCredential);
      const blueprint = find(caller.tenantId, request.params.id);
      const { displayName, endDateTime } = readBody(addPasswordBody, request.body).passwordCredential;
      const value = randomBytes(30).toString("base64url");
      const now = context.clock.now();
      const expires = endDateTime ?? new Date(now + 2 * 365 * 24 * 3600 * 1000).toISOString();
      blueprint.secrets.push({ value, expires, ...(displayName === undefined ? {} : { displayName }) });
      return {
        displayName: displayName ?? null,
        startDateTime: new Date(now).toISOString(),
        endDateTime: expires,
        hint: value.slice(0, 3),
        keyId: randomUUID(),
        secretText: value,
      };
    });

    app.post<ById>(`${path}/federatedIdentityCredentials`, (request, reply) => {
      const caller = callerOf(request);
      authorize(request, caller, provisioning.addCredential);
      const blueprint = find(caller.tenantId, request.params.id);
      const { audiences, ...credential } = readBody(federatedCredentialBody, request.body);
      blueprint.federatedCredentials.push({ ...credential, audience: audiences[0] ?? "" });
      return reply.code(201).send({ id: randomUUID(), ...credential, audiences });
    });
  }

  app.post(PRINCIPALS, (request, reply) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.createPrincipal);
    const { appId } = readBody(blueprintPrincipalBody, request.body);
    const blueprint = directory.clientAnywhere(appId);
    const usable = blueprint?.kind === "blueprint" && (blueprint.tenant === caller.tenantId || blueprint.multiTenant);
    if (!usable) throw notFound(appId);
    directory.addPrincipal(blueprint, caller.tenantId);
    return reply.code(201).send(toGraphPrincipal(directory, blueprint, caller.tenantId));
  });

  app.get(PRINCIPALS, (request) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.readPrincipal);
    const present = directory.blueprints.filter(({ clientId }) => directory.client(caller.tenantId, clientId));
    const principals = present.map((blueprint) => toGraphPrincipal(directory, blueprint, caller.tenantId));
    const address = { url: `${context.url}${request.url}`, context: metadataOf("servicePrincipals") };
    return toCollection(principals, readODataQuery(request.query), address);
  });

  app.delete<ById>("/servicePrincipals/:id/microsoft.graph.agentIdentityBlueprintPrincipal", (request, reply) => {
    const caller = callerOf(request);
    authorize(request, caller, provisioning.deletePrincipal);
    const blueprint = directory.blueprints
      .filter(({ clientId }) => directory.client(caller.tenantId, clientId))
      .find((candidate) => directory.objectIdOf(candidate, caller.tenantId) === request.params.id.toLowerCase());
    if (!blueprint) throw notFound(request.params.id);
    directory.removePrincipal(blueprint, caller.tenantId);
    return reply.code(204).send();
  });
}
