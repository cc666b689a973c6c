import { AgentAuthError } from "../errors/agent-auth-error.js";

/** One page of an OData collection. */
interface Page {
  readonly value?: unknown;
  readonly "@odata.nextLink"?: unknown;
  readonly nextLink?: unknown;
}

/**
 * The pages of a collection, each fetched when it is asked for.
 * @param service for messages
 * @param fetchPage fetches the first page (`undefined`), or the one at a next link
 * @throws AgentAuthError `downstream_page_invalid` when an answer is no page, or its link leads nowhere new
 */
export async function* pages<Item>(
  service: string,
  fetchPage: (nextLink: string | undefined) => Promise<unknown>,
): AsyncGenerator<Item[], void, undefined> {
  const seen = new Set<string>();
  for (let link: string | undefined; ; ) {
    const page = (await fetchPage(link)) as Page | null;
    if (!Array.isArray(page?.value)) throw notAPage(service, "has no value array");
    yield page.value as Item[];
    const next: unknown = page["@odata.nextLink"] ?? page.nextLink;
    if (next === undefined || next === null || next === "") return;
    if (typeof next !== "string" || seen.has(next)) throw notAPage(service, "links to a page that was there before");
    seen.add(next);
    link = next;
  }
}

function notAPage(service: string, what: string): AgentAuthError {
  return new AgentAuthError("downstream_page_invalid", {
    detail: `An answer of ${service} ${what}, so it is no page.`,
  });
}
