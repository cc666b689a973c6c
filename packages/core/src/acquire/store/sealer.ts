import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts what leaves the process. Each value is bound to the place where it is kept, so that whoever can write to the
 * store cannot put one user's token where another's is looked for.
 * @see NIST SP 800-38D
 */
export class Sealer {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string;

  /** @param keys 32 bytes each; the first encrypts, all decrypt, so that keys can be changed one by one */
  constructor(keys: readonly Buffer[]) {
    const named = keys.map((key) => [hash("sha256", key, "base64url").slice(0, 8), key] as const);
    const [first] = named;
    if (first === undefined) throw new RangeError("a sealer needs a key");
    this.#keys = new Map(named);
    this.#current = first[0];
  }

  /** Encrypts a value for a place. */
  seal(place: string, value: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#keys.get(this.#current) as Buffer, iv).setAAD(Buffer.from(place));
    const encrypted = Buffer.concat([iv, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `1.${this.#current}.${encrypted.toString("base64url")}`;
  }

  /** Decrypts the value of a place; `undefined` when it was sealed with another key, for another place, or altered. */
  open(place: string, sealed: string): string | undefined {
    const [version, keyName = "", encoded = ""] = sealed.split(".");
    const key = this.#keys.get(keyName);
    const bytes = Buffer.from(encoded, "base64url");
    if (version !== "1" || key === undefined || bytes.length < ivBytes + tagBytes) return undefined;
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }
}
