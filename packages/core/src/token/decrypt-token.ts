import type { KeyObject } from "node:crypto";
import { compactDecrypt } from "jose";
import { invalidToken } from "../errors/refusals.js";
import { parsePart, refuseParameters } from "./decode-token.js";

/** Loads the private keys that may decrypt inbound tokens, newest first. */
export type DecryptionKeys = () => Promise<readonly KeyObject[]>;

/** Key encryption that is accepted. No PBES2, whose iterations a sender could choose, and no shared secrets. */
const keyAlgorithms = ["RSA-OAEP", "RSA-OAEP-256"] as const;
const contentAlgorithms = ["A256CBC-HS512", "A128CBC-HS256", "A256GCM", "A128GCM"] as const;

/** Whether a token has the five parts of an encrypted one. @see RFC 7516 section 3.1 */
export function isEncrypted(token: string): boolean {
  let dots = 0;
  for (let at = token.indexOf("."); at !== -1 && dots <= 4; at = token.indexOf(".", at + 1)) dots += 1;
  return dots === 4;
}

/**
 * The signed token inside an encrypted one. The work is bounded: one RSA operation per configured key, no
 * decompression.
 * @throws AgentAuthError `token_malformed`, `token_algorithm_refused`, `token_header_refused`, `token_decryption_failed`
 */
export async function decryptToken(token: string, loadKeys: DecryptionKeys | undefined): Promise<string> {
  if (loadKeys === undefined) {
    throw invalidToken(
      "token_decryption_failed",
      "The access token is encrypted, and no key to decrypt it is configured.",
    );
  }
  const header = parsePart(token.slice(0, token.indexOf(".")), "header");
  if (!isOneOf(keyAlgorithms, header.alg) || !isOneOf(contentAlgorithms, header.enc)) {
    throw invalidToken(
      "token_algorithm_refused",
      "The access token's encryption (alg, enc) is not one that is accepted.",
    );
  }
  refuseParameters(header);
  for (const key of await loadKeys()) {
    try {
      const { plaintext } = await compactDecrypt(token, key, {
        keyManagementAlgorithms: [...keyAlgorithms],
        contentEncryptionAlgorithms: [...contentAlgorithms],
      });
      return Buffer.from(plaintext).toString("latin1");
    } catch {
      // Which key a token is for is not always told: the next one may fit. Why one does not is not for the sender.
    }
  }
  throw invalidToken("token_decryption_failed", "The access token could not be decrypted with the configured keys.");
}

function isOneOf(accepted: readonly string[], value: unknown): boolean {
  return typeof value === "string" && accepted.includes(value);
}
