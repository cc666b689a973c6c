import type { FastifyInstance } from "fastify";
import type { Person } from "../directory/entities.js";
import { requirePermission, requireSignedInPerson } from "./graph-caller.js";
import { GraphError } from "./graph-error.js";
import type { GraphScope } from "./graph-scope.js";
import { project, readODataQuery, toCollection } from "./odata.js";

const READ_OTHERS = ["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const READ_SELF = ["User.Read", "User.ReadWrite", ...READ_OTHERS];

/** `/me`, `/users`, `/users/{id}` */
export function peopleRoutes(app: FastifyInstance, { context, callerOf, metadataOf }: GraphScope): void {
  app.get("/me", async (request) => {
    const caller = callerOf(request);
    const person = requireSignedInPerson(caller);
    requirePermission(caller, { delegated: READ_SELF });
    return {
      "@odata.context": metadataOf("users/$entity"),
      ...project(toGraphUser(person), readODataQuery(request.query)),
    };
  });

  app.get("/users", async (request) => {
    const caller = callerOf(request);
    requirePermission(caller, { delegated: READ_OTHERS, application: READ_OTHERS });
    const people = context.directory.people.filter((person) => person.tenant === caller.tenantId);
    return toCollection(people.map(toGraphUser), readODataQuery(request.query), {
      url: `${context.url}${request.url}`,
      context: metadataOf("users"),
    });
  });

  app.get<{ Params: { id: string } }>("/users/:id", async (request) => {
    const caller = callerOf(request);
    const person = context.directory.person(caller.tenantId, request.params.id);
    const isSelf = person !== undefined && person.id === caller.person?.id;
    requirePermission(caller, { delegated: isSelf ? READ_SELF : READ_OTHERS, application: READ_OTHERS });
    if (!person) throw notFound(request.params.id);
    return {
      "@odata.context": metadataOf("users/$entity"),
      ...project(toGraphUser(person), readODataQuery(request.query)),
    };
  });
}

/** The error of Graph for an object that is not there. */
export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** A person as Graph returns it. */
export function toGraphUser(person: Person): object {
  return {
    id: person.id,
    displayName: person.displayName,
    givenName: person.kind === "user" ? (person.givenName ?? null) : null,
    surname: person.kind === "user" ? (person.surname ?? null) : null,
    jobTitle: person.kind === "user" ? (person.jobTitle ?? null) : null,
    mail: person.username,
    userPrincipalName: person.username,
    businessPhones: [],
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    ...(person.kind === "agent-user"
      ? { "@odata.type": "#microsoft.graph.agentUser", identityParentId: person.agentIdentity }
      : {}),
  };
}
