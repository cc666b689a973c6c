import { SignJWT } from "jose";
import type { Clock } from "../../../clock.js";
import type { Logger } from "../../../logger.js";
import { AssertionMemo } from "../assertion-memo.js";
import type { CredentialSource } from "../credential-source.js";
import type { Certificate } from "./certificate.js";

/** Life of an assertion, in seconds. */
const lifetimeSeconds = 600;
/** How long before its end a certificate's expiry is warned of, in milliseconds. */
const warnAheadMs = 30 * 24 * 60 * 60 * 1000;
/** Warnings of one certificate are this far apart, in milliseconds. */
const warnEveryMs = 24 * 60 * 60 * 1000;

/** Where a certificate comes from. */
export interface CertificateLoader {
  /** The `sourceType`. */
  readonly kind: string;
  /** For messages: where it is. */
  readonly place: string;
  /** The certificate as it is now. @throws Error saying what is wrong */
  load(): Promise<Certificate>;
  /** Forgets what was loaded. */
  forget?(): void;
}

/** How a certificate is used. */
export interface CertificateUse {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends the certificate along, for apps that trust by subject name and issuer. */
  readonly sendX5c: boolean;
}

/**
 * A certificate as client credential: signs assertions, each good for ten minutes and used as long. The certificate is
 * loaded anew with each, so that a new one is taken up without a restart.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function certificateSource(loader: CertificateLoader, use: CertificateUse): CredentialSource {
  const memo = new AssertionMemo(use.clock);
  let warnedAt = Number.NEGATIVE_INFINITY;

  const warnOfExpiry = ({ subject, notAfter }: Certificate, now: number) => {
    if (notAfter - now > warnAheadMs || now - warnedAt < warnEveryMs) return;
    warnedAt = now;
    const days = Math.floor((notAfter - now) / (24 * 60 * 60 * 1000));
    use.logger.warn(
      `agent-auth: the certificate ${subject} (${loader.place}) expires in ${days} days, on ${day(notAfter)}. Renew it.`,
    );
  };

  return {
    kind: loader.kind,
    load: async ({ clientId, audience }) => ({
      clientAssertion: await memo.get(JSON.stringify([clientId, audience]), async () => {
        const certificate = await loader.load();
        const now = use.clock();
        if (certificate.notAfter <= now) {
          throw new Error(
            `the certificate ${certificate.subject} (${loader.place}) expired on ${day(certificate.notAfter)}; renew it`,
          );
        }
        warnOfExpiry(certificate, now);
        return sign(certificate, { clientId, audience, sendX5c: use.sendX5c, nowSeconds: Math.floor(now / 1000) });
      }),
    }),
    forget: () => {
      memo.clear();
      loader.forget?.();
    },
    expiresAt: async () => (await loader.load()).notAfter,
  };
}

function sign(
  { privateKey, thumbprint, chain }: Certificate,
  init: {
    readonly clientId: string;
    readonly audience: string;
    readonly sendX5c: boolean;
    readonly nowSeconds: number;
  },
): Promise<string> {
  const { clientId, audience, nowSeconds } = init;
  return new SignJWT()
    .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": thumbprint, ...(init.sendX5c && { x5c: [...chain] }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setNotBefore(nowSeconds)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + lifetimeSeconds)
    .sign(privateKey);
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
