import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Person } from "../directory/entities.js";
import { requirePermission, requireSignedInPerson } from "./graph-caller.js";
import { GraphError } from "./graph-error.js";
import type { GraphScope } from "./graph-scope.js";
import { createMailboxes, type Draft, type Recipient } from "./mailboxes.js";
import { readODataQuery, toCollection } from "./odata.js";
import { notFound } from "./people-routes.js";

const READ = { delegated: ["Mail.Read", "Mail.ReadWrite"], application: ["Mail.Read", "Mail.ReadWrite"] };
const SEND = { delegated: ["Mail.Send"], application: ["Mail.Send"] };
const DEFAULT_PAGE = 10;

const recipient = z.object({ emailAddress: z.object({ name: z.string().optional(), address: z.string().min(3) }) });
const sendMailBody = z.object({
  message: z.object({
    subject: z.string().default(""),
    body: z.object({ contentType: z.string().default("Text"), content: z.string() }),
    toRecipients: z.array(recipient).min(1),
  }),
});

/** `/me/messages`, `POST /me/sendMail` and the same under `/users/{id}` for application permissions */
export function mailRoutes(app: FastifyInstance, scope: GraphScope): void {
  const { context, callerOf, metadataOf } = scope;
  const mailboxes = createMailboxes(() => context.clock.now());

  const list = (person: Person, request: { query: unknown; url: string }) => {
    const query = readODataQuery(request.query);
    return toCollection(
      mailboxes.of(person),
      { top: DEFAULT_PAGE, ...query },
      {
        url: `${context.url}${request.url}`,
        context: metadataOf(`users('${person.id}')/messages`),
      },
    );
  };
  const send = (from: Person, body: unknown) => {
    const draft = readDraft(body);
    const recipients = draft.toRecipients
      .map((to) => context.directory.person(from.tenant, to.emailAddress.address))
      .filter((person) => person !== undefined);
    mailboxes.send(from, draft, recipients);
  };
  const personById = (tenantId: string, id: string): Person => {
    const person = context.directory.person(tenantId, id);
    if (!person) throw notFound(id);
    return person;
  };

  app.get("/me/messages", async (request) => {
    const caller = callerOf(request);
    const person = requireSignedInPerson(caller);
    requirePermission(caller, READ);
    return list(person, request);
  });

  app.post("/me/sendMail", async (request, reply) => {
    const caller = callerOf(request);
    const person = requireSignedInPerson(caller);
    requirePermission(caller, SEND);
    send(person, request.body);
    return reply.code(202).send();
  });

  app.get<{ Params: { id: string } }>("/users/:id/messages", async (request) => {
    const caller = callerOf(request);
    requirePermission(caller, READ);
    const person = personById(caller.tenantId, request.params.id);
    requireOwnMailbox(caller.person, person);
    return list(person, request);
  });

  app.post<{ Params: { id: string } }>("/users/:id/sendMail", async (request, reply) => {
    const caller = callerOf(request);
    requirePermission(caller, SEND);
    const person = personById(caller.tenantId, request.params.id);
    requireOwnMailbox(caller.person, person);
    send(person, request.body);
    return reply.code(202).send();
  });
}

/** With a delegated token a person reaches their own mailbox alone; application permissions reach all. */
function requireOwnMailbox(caller: Person | undefined, owner: Person): void {
  if (!caller || caller.id === owner.id) return;
  throw new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
}

function readDraft(body: unknown): Draft {
  const parsed = sendMailBody.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new GraphError(
      400,
      "ErrorInvalidParameter",
      `${issue?.path.join(".") ?? "body"}: ${issue?.message ?? "invalid"}`,
    );
  }
  const { subject, body: content, toRecipients } = parsed.data.message;
  return { subject, body: content, toRecipients: toRecipients.map(toRecipient) };
}

function toRecipient({ emailAddress }: z.output<typeof recipient>): Recipient {
  const { name, address } = emailAddress;
  return { emailAddress: name === undefined ? { address } : { name, address } };
}
