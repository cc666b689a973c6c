import type { CallerKind, EmulatorDescription, MintOptions } from "@agent-auth/entra-emulator";

/** A leg as it is expected to run: its kind and where its token came from. */
export type ExpectedLeg =
  `${"exchange" | "client-credentials" | "instance" | "on-behalf-of" | "agent-user"} ${"miss" | "hit"}`;

/** One request of the demo, and what must come of it. */
export interface Scenario {
  readonly title: string;
  /** Who calls; absent = nobody sends a token. */
  readonly caller?: { readonly kind: CallerKind; readonly options?: MintOptions };
  readonly method?: string;
  readonly path: string;
  readonly json?: unknown;
  readonly expect: {
    readonly status: number;
    /** Members that the answer must have. */
    readonly body: Readonly<Record<string, unknown>>;
    /** Legs that run, in the order in which they end. */
    readonly legs: readonly ExpectedLeg[];
    /** Claims of the token that the downstream API received. */
    readonly claims?: Readonly<Record<string, unknown>>;
    /** Parts that the challenge must hold. */
    readonly challenge?: readonly string[];
  };
}

/** Every caller kind, every flow and every family of refusals, in an order in which the cache can be seen at work. */
export function scenarios(entra: EmulatorDescription): readonly Scenario[] {
  const [adele, ben] = entra.users;
  const [agent, otherAgent] = entra.agentIdentities;
  const [agentUser] = entra.agentUsers;
  if (!adele || !ben || !agent || !otherAgent || !agentUser)
    throw new Error("the emulator's directory is not the default one");
  const blueprint = entra.blueprint.clientId;
  const graph = "https://graph.microsoft.com";
  // Graph gives v1.0 tokens; the audience of a bare scope such as User.Read is Graph's application id.
  const graphAppId = "00000003-0000-0000-c000-000000000000";
  const onBehalfOf = (oid: string) => ({
    aud: graphAppId,
    idtyp: "user",
    oid,
    appid: agent.clientId,
    xms_act_fct: /(^| )11( |$)/,
    xms_par_app_azp: blueprint,
  });
  return [
    {
      title: "A human calls, and the agent reads her profile on her behalf",
      caller: { kind: "user", options: { user: adele.id } },
      path: "/api/profile",
      expect: {
        status: 200,
        body: { id: adele.id, userPrincipalName: adele.username },
        legs: ["exchange miss", "on-behalf-of miss"],
        claims: onBehalfOf(adele.id),
      },
    },
    {
      title: "A second human: the exchange token is there already",
      caller: { kind: "user", options: { user: ben.id } },
      path: "/api/profile",
      expect: {
        status: 200,
        body: { id: ben.id, userPrincipalName: ben.username },
        legs: ["exchange hit", "on-behalf-of miss"],
        claims: onBehalfOf(ben.id),
      },
    },
    {
      title: "The second human reads his mail, for which a token is cached",
      caller: { kind: "user", options: { user: ben.id } },
      path: "/api/messages?top=2",
      expect: { status: 200, body: {}, legs: ["on-behalf-of hit"], claims: onBehalfOf(ben.id) },
    },
    {
      title: "and sends a message",
      caller: { kind: "user", options: { user: ben.id } },
      method: "POST",
      path: "/api/messages/send",
      json: {
        subject: "Lunch?",
        body: { contentType: "Text", content: "At noon." },
        toRecipients: [{ emailAddress: { address: adele.username } }],
      },
      expect: { status: 202, body: { sent: true }, legs: ["on-behalf-of hit"], claims: onBehalfOf(ben.id) },
    },
    {
      title: "Another agent calls on behalf of a human",
      caller: { kind: "agent-on-behalf-of-user", options: { user: adele.id, agentIdentity: otherAgent.clientId } },
      path: "/api/profile",
      expect: {
        status: 200,
        body: { id: adele.id },
        legs: ["exchange hit", "on-behalf-of miss"],
        claims: onBehalfOf(adele.id),
      },
    },
    {
      title: "An agent's own user account calls",
      caller: { kind: "agent-user", options: { user: agentUser.id } },
      path: "/api/profile",
      expect: {
        status: 200,
        body: { id: agentUser.id },
        legs: ["exchange hit", "on-behalf-of miss"],
        claims: onBehalfOf(agentUser.id),
      },
    },
    {
      title: "An app calls, and the autonomous agent lists the users",
      caller: { kind: "app" },
      path: "/api/agent/users",
      expect: {
        status: 200,
        body: {},
        legs: ["exchange hit", "client-credentials miss"],
        claims: {
          aud: graph,
          idtyp: "app",
          oid: agent.clientId,
          appid: agent.clientId,
          xms_act_fct: /(^| )11( |$)/,
          xms_sub_fct: /(^| )11( |$)/,
          xms_par_app_azp: blueprint,
        },
      },
    },
    {
      title: "An autonomous agent calls, and the agent's user opens its mailbox",
      caller: { kind: "agent", options: { agentIdentity: otherAgent.clientId } },
      path: "/api/agent/mailbox",
      expect: {
        status: 200,
        body: {},
        legs: ["exchange hit", "exchange hit", "instance miss", "agent-user miss"],
        claims: {
          aud: graphAppId,
          idtyp: "user",
          oid: agentUser.id,
          appid: agent.clientId,
          xms_act_fct: /(^| )11( |$)/,
          xms_sub_fct: /(^| )13( |$)/,
          xms_par_app_azp: blueprint,
        },
      },
    },
    {
      title: "Refused: no token",
      path: "/api/profile",
      expect: { status: 401, body: { code: "authorization_missing" }, legs: [], challenge: ["Bearer"] },
    },
    {
      title: "Refused: a token for another audience",
      caller: { kind: "user", options: { audience: graph } },
      path: "/api/profile",
      expect: {
        status: 401,
        body: { code: "token_audience_refused" },
        legs: [],
        challenge: ['error="invalid_token"'],
      },
    },
    {
      title: "Refused: the scope is missing",
      caller: { kind: "user", options: { scopes: ["Tasks.Read"] } },
      path: "/api/profile",
      expect: {
        status: 403,
        body: { code: "insufficient_scope" },
        legs: [],
        challenge: ['error="insufficient_scope"', 'scope="access_as_user"'],
      },
    },
    {
      title: "Refused: an app-only caller where a user is needed",
      caller: { kind: "app" },
      path: "/api/profile",
      expect: {
        status: 403,
        body: { code: "delegated_required" },
        legs: [],
        challenge: ['error="insufficient_scope"'],
      },
    },
  ];
}
