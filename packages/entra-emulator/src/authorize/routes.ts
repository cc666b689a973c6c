import type { FastifyInstance, FastifyReply } from "fastify";
import type { EmulatorContext } from "../context.js";
import type { Person } from "../directory/entities.js";
import { readClaimsRequest } from "../token/claims-request.js";
import { demandsMfa } from "../token/conditional-access.js";
import { grantScopes, readDelegatedScope } from "../token/scopes.js";
import { refuse, TokenError, toErrorBody } from "../token/token-error.js";
import { type AuthorizationRequest, candidatesOf, readAuthorizationRequest } from "./authorization-request.js";
import { formPostPage, mistakePage, signedOutPage, signInPage } from "./pages.js";

type Answerable = Pick<AuthorizationRequest, "redirectUri" | "responseMode" | "state">;

/**
 * `GET` and `POST /{tenant}/oauth2/v2.0/authorize`: a page that lists the users, and the choice made there. With
 * `prompt=none` and a `login_hint` that user is signed in without the page.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function authorizeRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.route<{ Params: { tenant: string } }>({
    method: ["GET", "POST"],
    url: "/:tenant/oauth2/v2.0/authorize",
    handler: async (request, reply) => {
      const params = readParams(request.method === "POST" ? request.body : request.query);
      try {
        const read = readAuthorizationRequest(context, request.params.tenant, params);
        if ("mistake" in read) return await sendMistake(context, reply, read.request, read.mistake);
        return await answer(context, reply, read, params);
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        const { error_description } = toErrorBody(error, context.clock.now(), request.id, context.url);
        return reply.code(400).type("text/html; charset=utf-8").send(mistakePage(error_description));
      }
    },
  });

  app.get<{ Querystring: { post_logout_redirect_uri?: string } }>("/:tenant/oauth2/v2.0/logout", (_request, reply) =>
    reply.type("text/html; charset=utf-8").send(signedOutPage()),
  );
}

async function answer(
  context: EmulatorContext,
  reply: FastifyReply,
  request: AuthorizationRequest,
  params: ReadonlyMap<string, string>,
) {
  const people = candidatesOf(context, request);
  const chosen = params.get("user") ?? (request.silent ? request.loginHint : undefined);
  const person = people.find(({ id, username }) => id === chosen || username.toLowerCase() === chosen?.toLowerCase());
  if (person) {
    try {
      return await sendToClient(reply, request, { code: issueCode(context, request, person) });
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return sendMistake(context, reply, request, error);
    }
  }
  if (request.silent) return sendMistake(context, reply, request, refuse(50058));
  const kept = new Map([...params].filter(([name]) => name !== "user"));
  return reply.type("text/html; charset=utf-8").send(signInPage(request.client.displayName, people, kept));
}

function issueCode(context: EmulatorContext, request: AuthorizationRequest, person: Person): string {
  const { client, redirectUri, scope, codeChallenge, nonce } = request;
  const access = readDelegatedScope(context, person.tenant, scope);
  const to = { tenantId: person.tenant, client, userId: person.id };
  grantScopes(context, access, to);
  const asked = readClaimsRequest(request.claims);
  const guarded = {
    tenantId: person.tenant,
    resource: access.resource.appId,
    clientId: client.clientId,
    userId: person.id,
  };
  return context.codes.issue({
    tenantId: person.tenant,
    clientId: client.clientId,
    userId: person.id,
    redirectUri,
    scope,
    codeChallenge,
    nonce,
    // Whoever sits in front of the page can do what a claims challenge or a rule asks for.
    signedIn: { mfa: asked.mfa || asked.acrs.length > 0 || demandsMfa(context, guarded), acrs: asked.acrs },
  });
}

function sendMistake(context: EmulatorContext, reply: FastifyReply, request: Answerable, mistake: TokenError) {
  const body = toErrorBody(mistake, context.clock.now(), reply.request.id, context.url);
  const error = mistake.aadsts === 65001 ? "consent_required" : mistake.error;
  return sendToClient(reply, request, { error, error_description: body.error_description });
}

function sendToClient(
  reply: FastifyReply,
  { redirectUri, responseMode, state }: Answerable,
  answer: Record<string, string>,
) {
  const params = new Map(Object.entries(answer));
  if (state !== undefined) params.set("state", state);
  if (responseMode === "form_post") {
    return reply.type("text/html; charset=utf-8").send(formPostPage(redirectUri, params));
  }
  const url = new URL(redirectUri);
  if (responseMode === "fragment") url.hash = new URLSearchParams([...params]).toString();
  else for (const [name, value] of params) url.searchParams.set(name, value);
  return reply.redirect(url.href, 302);
}

function readParams(source: unknown): Map<string, string> {
  const entries = typeof source === "object" && source !== null ? Object.entries(source) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== ""));
}
