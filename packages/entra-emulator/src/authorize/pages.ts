import type { Person } from "../directory/entities.js";

/** The page that lists who can sign in. `params` come back with the choice. */
export function signInPage(clientName: string, people: readonly Person[], params: ReadonlyMap<string, string>): string {
  const heading = `Sign in to ${clientName}`;
  const buttons = people.map(
    (person) =>
      `<li><button name="user" value="${escapeHtml(person.id)}"><strong>${escapeHtml(person.displayName)}</strong> <span>${escapeHtml(person.username)}</span></button></li>`,
  );
  return page(
    heading,
    `<h1>${escapeHtml(heading)}</h1>
<p id="hint">This is an emulator: pick who you are. There is no password.</p>
${
  people.length > 0
    ? `<form method="post" aria-describedby="hint">${hiddenFields(params)}<ul aria-label="People">${buttons.join("")}</ul></form>`
    : "<p>The directory has nobody who can sign in here.</p>"
}`,
  );
}

/** The page that says why a request cannot be answered. */
export function mistakePage(description: string): string {
  return page("Cannot sign in", `<h1>Sorry, signing you in did not work.</h1>\n<p>${escapeHtml(description)}</p>`);
}

/** The page after a sign-out. */
export function signedOutPage(): string {
  return page("Signed out", "<h1>You are signed out.</h1>");
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
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Entra emulator</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
ul { list-style: none; padding: 0; }
button { width: 100%; margin: .25rem 0; padding: .75rem 1rem; font: inherit; text-align: start; cursor: pointer;
  color: CanvasText; background: Canvas; border: 1px solid #767676; border-radius: .5rem; }
button:hover { border-color: #2f7cd6; box-shadow: 0 0 0 1px #2f7cd6; }
button:focus-visible { outline: 3px solid #2f7cd6; outline-offset: 1px; }
button > * { display: block; }
button > span { font-size: .875rem; }
`;

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
