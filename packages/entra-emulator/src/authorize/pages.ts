import type { Person } from "../directory/entities.js";

/** The page that lists who can sign in. `params` come back with the choice. */
export function signInPage(clientName: string, people: readonly Person[], params: ReadonlyMap<string, string>): string {
  const hidden = hiddenFields(params);
  const buttons = people.map(
    (person) =>
      `<li><button name="user" value="${escapeHtml(person.id)}">${escapeHtml(person.displayName)} <small>${escapeHtml(person.username)}</small></button></li>`,
  );
  return page(
    "Sign in",
    `<h1>Sign in to ${escapeHtml(clientName)}</h1>
<p>This is an emulator: pick who you are. There is no password.</p>
<form method="post">${hidden}<ul>${buttons.join("")}</ul></form>`,
  );
}

/** The page that says why a request cannot be answered. */
export function mistakePage(description: string): string {
  return page("Cannot sign in", `<h1>Sorry, signing you in did not work.</h1><p>${escapeHtml(description)}</p>`);
}

/** The page that posts an answer to the client, for `response_mode=form_post`. */
export function formPostPage(redirectUri: string, params: ReadonlyMap<string, string>): string {
  return page(
    "Working",
    `<form method="post" action="${escapeHtml(redirectUri)}">${hiddenFields(params)}<noscript><button>Continue</button></noscript></form>
<script>document.forms[0].submit()</script>`,
  );
}

function hiddenFields(params: ReadonlyMap<string, string>): string {
  return [...params]
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("");
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} – Entra emulator</title>
<style>body{font:16px system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}ul{list-style:none;padding:0}button{width:100%;padding:.8rem;margin:.3rem 0;font:inherit;text-align:left}</style>
</head><body>${body}</body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
