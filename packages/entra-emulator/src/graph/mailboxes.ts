import { createHash } from "node:crypto";
import type { Person } from "../directory/entities.js";

/** A mail message as Graph returns it. */
export interface Message {
  readonly id: string;
  readonly subject: string;
  readonly bodyPreview: string;
  readonly body: { readonly contentType: string; readonly content: string };
  readonly from: Recipient;
  readonly toRecipients: readonly Recipient[];
  readonly receivedDateTime: string;
  readonly isRead: boolean;
}

/** A mail address as Graph writes it. */
export interface Recipient {
  readonly emailAddress: { readonly name?: string; readonly address: string };
}

/** A message as `sendMail` takes it. */
export interface Draft {
  readonly subject: string;
  readonly body: { readonly contentType: string; readonly content: string };
  readonly toRecipients: readonly Recipient[];
}

/** The mail of everyone in the directory, in memory. */
export interface Mailboxes {
  /** Newest first. */
  of(person: Person): readonly Message[];
  /** Delivers to every recipient that the directory has; mail for others goes nowhere. */
  send(from: Person, draft: Draft, recipients: readonly Person[]): void;
}

const WELCOME = ["Welcome to Contoso", "Quarterly figures", "Lunch on Friday?"];
/** How many messages a mailbox keeps; the oldest go first. */
const LIMIT = 200;

/**
 * Creates the mailboxes.
 *
 * @param now milliseconds since the epoch
 */
export function createMailboxes(now: () => number): Mailboxes {
  const boxes = new Map<string, Message[]>();
  let sent = 0;

  const open = (person: Person): Message[] => {
    let box = boxes.get(person.id);
    if (!box) {
      box = WELCOME.map((subject, index) => welcomeMessage(person, subject, index));
      boxes.set(person.id, box);
    }
    return box;
  };

  return {
    of: open,
    send(from, draft, recipients) {
      sent += 1;
      for (const person of recipients) {
        const box = open(person);
        box.unshift({
          ...draft,
          id: messageId(`${person.id}/${sent}`),
          bodyPreview: draft.body.content.slice(0, 255),
          from: recipientOf(from),
          receivedDateTime: new Date(now()).toISOString(),
          isRead: false,
        });
        box.length = Math.min(box.length, LIMIT);
      }
    },
  };
}

function welcomeMessage(person: Person, subject: string, index: number): Message {
  const content = `${subject}, ${person.displayName}.`;
  return {
    id: messageId(`${person.id}/welcome/${index}`),
    subject,
    bodyPreview: content,
    body: { contentType: "text", content },
    from: { emailAddress: { name: "Contoso News", address: `news@${person.username.split("@")[1]}` } },
    toRecipients: [recipientOf(person)],
    receivedDateTime: `2026-01-0${3 - index}T08:00:00Z`,
    isRead: index > 0,
  };
}

function recipientOf(person: Person): Recipient {
  return { emailAddress: { name: person.displayName, address: person.username } };
}

function messageId(seed: string): string {
  return `AAMk${createHash("sha256").update(seed).digest("base64url")}`;
}
