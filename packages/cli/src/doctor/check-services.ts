import {
  type AgentAuth,
  type AgentAuthOptions,
  createAgentAuth,
  type DownstreamApiOptions,
  isAgentAuthError,
  type LegEvent,
  type RequestAuth,
  type ServiceAuth,
} from "@agent-auth/core";
import { describeFailure } from "../io/failure.js";
import { type Finding, found } from "./finding.js";
import { reasonOf } from "./observed-fetch.js";

/** For whom tokens are asked, besides the application or the autonomous agent. */
export interface Trial {
  /** A user's token for this API: tries the on-behalf-of legs. */
  readonly userToken: string | undefined;
  /** Principal name of an agent user: tries the agent-user legs. */
  readonly agentUser: string | undefined;
}

/** Runs the legs of every configured service, and looks whether its API answers. */
export async function checkServices(options: AgentAuthOptions, trial: Trial): Promise<readonly Finding[]> {
  const legs: LegEvent[] = [];
  const auth = createAgentAuth({ ...options, onLeg: (leg) => legs.push(leg) });
  try {
    const findings: Finding[] = [];
    const user = await authenticate(auth, trial.userToken);
    if (user !== undefined && "check" in user) findings.push(user);
    for (const [service, api] of Object.entries(options.downstreamApis ?? {})) {
      const acting = waysToAct(auth, {
        options,
        api,
        trial,
        user: user === undefined || "check" in user ? undefined : user,
      });
      for (const way of acting) {
        legs.length = 0;
        findings.push(...(await runLegs(service, way, legs)));
      }
      if (api.requestAppToken !== true && trial.userToken === undefined) {
        findings.push(
          found.skipped(`${service}: on-behalf-of`, "Not tried, for want of a user's token. Pass --user-token @file."),
        );
      }
      findings.push(await checkBaseUrl(service, api, options.fetch ?? fetch));
    }
    return findings;
  } finally {
    await auth.close();
  }
}

async function authenticate(auth: AgentAuth, token: string | undefined): Promise<RequestAuth | Finding | undefined> {
  if (token === undefined) return undefined;
  try {
    return await auth.authenticate({ authorization: `Bearer ${token}` });
  } catch (error) {
    return found.failed("user token", describeFailure(error));
  }
}

interface Situation {
  readonly options: AgentAuthOptions;
  readonly api: DownstreamApiOptions;
  readonly trial: Trial;
  readonly user: RequestAuth | undefined;
}

function waysToAct(auth: AgentAuth, { options, api, trial, user }: Situation): ServiceAuth[] {
  const agentIdentity = api.agentIdentity ?? options.agentIdentity;
  return [
    auth.forApp(),
    ...(user !== undefined && api.requestAppToken !== true ? [user] : []),
    ...(trial.agentUser !== undefined && typeof agentIdentity === "string"
      ? [auth.forApp().asAgentUser(agentIdentity, { username: trial.agentUser })]
      : []),
  ];
}

async function runLegs(service: string, acting: ServiceAuth, legs: readonly LegEvent[]): Promise<Finding[]> {
  let failure: unknown;
  try {
    await acting.headerFor(service, { forceRefresh: true });
  } catch (error) {
    failure = error;
  }
  const findings = legs
    .filter(({ outcome }) => outcome === "ok")
    .map(({ kind, clientId, scopes, durationMs }) =>
      found.ok(`${service}: ${kind}`, `${clientId} gets ${scopes.join(" ")} (${Math.round(durationMs)} ms).`),
    );
  if (failure === undefined) return findings;
  const leg = legs.find(({ outcome }) => outcome !== "ok");
  const code = isAgentAuthError(failure) ? failure.code : "plan";
  return [...findings, found.failed(`${service}: ${leg?.kind ?? code}`, describeFailure(failure))];
}

async function checkBaseUrl(
  service: string,
  { baseUrl }: DownstreamApiOptions,
  fetchFunction: typeof fetch,
): Promise<Finding> {
  const check = `${service}: baseUrl`;
  if (baseUrl === undefined) return found.skipped(check, "None is configured; the service serves headers alone.");
  try {
    // Without a token: any answer, even a refusal, says that the API is there.
    const response = await fetchFunction(baseUrl, { redirect: "manual", signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return found.ok(check, `${baseUrl} answers.`);
  } catch (error) {
    const remedy = `Correct DownstreamApis__${service}__BaseUrl, or start what it names.`;
    return found.failed(check, `${baseUrl} cannot be reached: ${reasonOf(error)}. ${remedy}`);
  }
}
