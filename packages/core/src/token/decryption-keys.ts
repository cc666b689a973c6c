import type { KeyObject } from "node:crypto";
import type { CertificateLoader } from "../acquire/credentials/certificate/certificate-assertion.js";
import { createCertificateLoader } from "../acquire/credentials/create-sources.js";
import type { ManagedIdentity } from "../acquire/managed-identity/managed-identity.js";
import { AgentAuthError } from "../errors/agent-auth-error.js";
import type { ResolvedOptions } from "../options/parse-options.js";
import type { DecryptionKeys } from "./decrypt-token.js";

/** How long a loaded certificate is used before it is looked at again, in milliseconds. */
const reloadAfterMs = 5 * 60 * 1000;

/**
 * The private keys of `tokenDecryptionCredentials`, loaded when the first encrypted token comes and anew every five
 * minutes, so that a certificate can be replaced without a restart. One that cannot be loaded is warned of and left out.
 */
export function createDecryptionKeys(
  options: ResolvedOptions,
  managedIdentity: ManagedIdentity,
): DecryptionKeys | undefined {
  const { tokenDecryptionCredentials, clock, logger } = options;
  if (tokenDecryptionCredentials.length === 0) return undefined;
  const loaders = tokenDecryptionCredentials.map((credential, index) =>
    createCertificateLoader(credential, `tokenDecryptionCredentials.${index}`, { clock, managedIdentity }),
  );
  let loaded: { readonly keys: Promise<readonly KeyObject[]>; readonly until: number } | undefined;
  return async () => {
    if (loaded === undefined || clock() >= loaded.until) {
      loaded = { keys: loadAll(loaders, (why) => logger.warn(why)), until: clock() + reloadAfterMs };
    }
    const keys = await loaded.keys;
    if (keys.length > 0) return keys;
    loaded = undefined;
    throw new AgentAuthError("decryption_keys_unavailable", {
      detail: "The access token is encrypted, and none of the certificates that could decrypt it can be loaded now.",
      retryAfterSeconds: 1,
    });
  };
}

async function loadAll(
  loaders: readonly CertificateLoader[],
  warn: (why: string) => void,
): Promise<readonly KeyObject[]> {
  const results = await Promise.allSettled(loaders.map((loader) => loader.load()));
  return results.flatMap((result, index) => {
    if (result.status === "fulfilled") return [result.value.privateKey];
    const why = result.reason instanceof Error ? result.reason.message : "it failed";
    warn(`agent-auth: tokenDecryptionCredentials.${index} (${loaders[index]?.kind}) cannot be loaded: ${why}`);
    return [];
  });
}
