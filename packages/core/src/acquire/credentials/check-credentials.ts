import type { CredentialRequest, CredentialSource } from "./credential-source.js";

/** Whether one of the configured credentials can be loaded. Entra is not asked. */
export interface CredentialCheck {
  readonly sourceType: string;
  readonly loaded: boolean;
  /** Why it did not load, and what to do. */
  readonly detail?: string;
  /** When it ends, where that can be told: certificates. */
  readonly expiresOn?: Date;
}

/** Loads each credential, in their order, whether or not an earlier one works. */
export function checkCredentials(
  sources: readonly CredentialSource[],
  request: CredentialRequest,
): Promise<readonly CredentialCheck[]> {
  return Promise.all(
    sources.map(async (source) => {
      const expiresOn = await source.expiresAt?.().catch(() => undefined);
      const known = { sourceType: source.kind, ...(expiresOn !== undefined && { expiresOn: new Date(expiresOn) }) };
      try {
        await source.load(request);
        return { ...known, loaded: true };
      } catch (error) {
        return { ...known, loaded: false, detail: error instanceof Error ? error.message : "It did not load." };
      }
    }),
  );
}
