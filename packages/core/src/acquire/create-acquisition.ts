import { randomBytes } from "node:crypto";
import type { ResolvedOptions } from "../options/parse-options.js";
import { Telemetry } from "../telemetry/telemetry.js";
import { Acquirer } from "./acquirer.js";
import { TokenCache } from "./cache/token-cache.js";
import { CallPlanner } from "./call-planner.js";
import { ClientCredentials } from "./credentials/client-credentials.js";
import { createCredentialSources } from "./credentials/create-sources.js";
import type { CredentialSource } from "./credentials/credential-source.js";
import { LegRequester } from "./leg-requester.js";
import { ManagedIdentity } from "./managed-identity/managed-identity.js";
import { Sessions } from "./sessions/sessions.js";
import { memoryTokenStore } from "./store/memory-token-store.js";
import { SealedStore } from "./store/sealed-store.js";
import { Sealer } from "./store/sealer.js";
import { StoredTokens } from "./store/stored-tokens.js";
import { TokenEndpoint } from "./wire/token-endpoint.js";

/** What runs plans: in this process, or a sidecar. */
export type TokenAcquirer = Pick<Acquirer, "cached" | "acquire" | "prepare" | "cacheState" | "forget" | "close">;

/** The parts of an app that acquire tokens. */
export interface Acquisition {
  readonly planner: CallPlanner;
  readonly acquirer: TokenAcquirer;
  readonly credentials: ClientCredentials;
  /** What `credentials` tries, in order. */
  readonly sources: readonly CredentialSource[];
  readonly endpoint: TokenEndpoint;
  readonly managedIdentity: ManagedIdentity;
  readonly sessions: Sessions;
  readonly telemetry: Telemetry;
}

/**
 * Puts the parts together.
 * @throws AgentAuthError `options_invalid` for a credential that cannot be read
 */
export function createAcquisition(options: ResolvedOptions, fetchFunction: typeof fetch): Acquisition {
  const { instance, clock, logger, entraMaxRetries: maxRetries } = options;
  const telemetry = new Telemetry();
  const managedIdentity = new ManagedIdentity({ fetch: fetchFunction, clock, maxRetries });
  const sources = createCredentialSources(options.clientCredentials, { clock, logger, managedIdentity });
  const credentials = new ClientCredentials(sources, clock);
  const endpoint = new TokenEndpoint({
    instance,
    fetch: fetchFunction,
    clock,
    maxRetries,
    azureRegion: options.azureRegion,
    clientCapabilities: options.clientCapabilities,
  });
  const store = sealedStore(options, telemetry);
  const sessions = new Sessions(store);
  const acquirer = new Acquirer({
    requester: new LegRequester({ endpoint, credentials, managedIdentity, sessions }),
    cache: new TokenCache({ maxEntries: options.tokenCacheMaxEntries, maxBytes: options.tokenCacheMaxBytes }),
    clock,
    logger,
    telemetry,
    budgetMs: options.entraTimeoutMs,
    onLeg: options.onLeg,
    store: options.tokenStore === undefined ? undefined : new StoredTokens(store, instance),
  });
  const planner = new CallPlanner(options);
  return { planner, acquirer, credentials, sources, endpoint, managedIdentity, sessions, telemetry };
}

/** Without a configured store there is one in memory, for sessions alone, under a key that nobody else has. */
function sealedStore({ tokenStore, tokenStoreKeys, logger }: ResolvedOptions, telemetry: Telemetry): SealedStore {
  const keys =
    tokenStore === undefined ? [randomBytes(32)] : (tokenStoreKeys ?? []).map((key) => Buffer.from(key, "base64"));
  return new SealedStore({ store: tokenStore ?? memoryTokenStore(), sealer: new Sealer(keys), logger, telemetry });
}
