import { DownstreamError, type ServiceAuth } from "@agent-auth/core";

interface Message {
  readonly subject: string;
}

/** Query and body as data; a status that is not 2xx throws with what the API said. */
export async function sendMail(auth: ServiceAuth, message: object): Promise<void> {
  try {
    await auth.callDownstream("Graph", "/me/sendMail", { method: "POST", json: { message } }).text();
  } catch (error) {
    if (error instanceof DownstreamError && error.downstreamStatus === 403) return askForConsent(error.requestId);
    throw error;
  }
}

/** Every page, each fetched when it is asked for. */
export async function subjects(auth: ServiceAuth): Promise<string[]> {
  const found: string[] = [];
  for await (const page of auth.pages<Message>("Graph", "/me/messages", { query: { $select: "subject" } })) {
    found.push(...page.map(({ subject }) => subject));
  }
  return found;
}

/** For SDKs: a fetch, or the credential that the clients of Azure and Microsoft Graph take. */
export function forSdks(auth: ServiceAuth) {
  return { fetch: auth.fetchFor("Graph"), credential: auth.toTokenCredential("Graph") };
}

function askForConsent(requestId: string | undefined): never {
  throw new Error(`The mailbox is closed to this app (request ${requestId}).`);
}
