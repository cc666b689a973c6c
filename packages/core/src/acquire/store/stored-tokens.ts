import { hash } from "node:crypto";
import type { CachedToken, TokenOwner } from "../cache/cached-token.js";
import type { SealedStore } from "./sealed-store.js";

/** Acquired tokens in the second tier, one entry each, for as long as the token lives. */
export class StoredTokens {
  readonly #store: SealedStore;
  readonly #instance: string;
  readonly #writes = new Set<Promise<unknown>>();

  /** @param instance the cloud, which is part of what selects a token */
  constructor(store: SealedStore, instance: string) {
    this.#store = store;
    this.#instance = instance;
  }

  /** The token of a leg; `undefined` when there is none, or the store is of no use. */
  async read(owner: TokenOwner): Promise<CachedToken | undefined> {
    if (!isShared(owner)) return undefined;
    const value = await this.#store.optional(() => this.#store.get(this.#place(owner)));
    return isToken(value) ? value : undefined;
  }

  /** Keeps a token, in the background: nobody waits for the store to have it. */
  write(owner: TokenOwner, token: CachedToken, nowSeconds: number): void {
    if (!isShared(owner)) return;
    const { authorizationHeader, expiresAt, refreshAt, scopes } = token;
    const value = { authorizationHeader, expiresAt, refreshAt, scopes };
    const ttlSeconds = Math.max(1, Math.floor(expiresAt - nowSeconds));
    this.#track(this.#store.optional(() => this.#store.set(this.#place(owner), value, ttlSeconds)));
  }

  /** Forgets the tokens of legs. */
  async delete(owners: readonly TokenOwner[]): Promise<void> {
    const jobs = owners
      .filter(isShared)
      .map((owner) => this.#store.optional(() => this.#store.delete(this.#place(owner))));
    await Promise.all(jobs);
  }

  /** Waits for the writes that are under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes);
  }

  #place({ key, assertionHash }: TokenOwner): string {
    return `agent-auth:token:${hash("sha256", JSON.stringify([this.#instance, key, assertionHash]), "base64url")}`;
  }

  #track(write: Promise<unknown>): void {
    this.#writes.add(write);
    write.finally(() => this.#writes.delete(write));
  }
}

/** A session's tokens stay in memory: who ends the session must not have to search the store for them. */
function isShared({ leg }: TokenOwner): boolean {
  return leg.kind !== "long-running";
}

function isToken(value: unknown): value is CachedToken {
  const token = value as CachedToken | undefined;
  return (
    typeof token === "object" &&
    typeof token?.authorizationHeader === "string" &&
    typeof token.expiresAt === "number" &&
    typeof token.refreshAt === "number" &&
    Array.isArray(token.scopes)
  );
}
