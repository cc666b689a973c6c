import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import type { EmulatorContext } from "../context.js";

/** A service account whose token is projected into a file, as Kubernetes does it. */
export interface ProjectTokenOptions {
  /** The file to write. */
  readonly path: string;
  /** The `sub`, such as `system:serviceaccount:agents:assistant`. */
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** Lifetime of each token, in seconds. Default 3600. */
  readonly lifetime?: number;
  /** Writes a new token every so many seconds of real time. Default, and 0: only when `rotate()` is called. */
  readonly rotateEvery?: number;
}

/** A projected token file. */
export interface ProjectedToken {
  /** `AZURE_FEDERATED_TOKEN_FILE`, `AZURE_AUTHORITY_HOST` and `AZURE_TENANT_ID`, as AKS injects them. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a new token into the file. */
  rotate(): Promise<void>;
  /** Stops rotating; the file stays. */
  stop(): void;
}

/** The issuer of workload identity tokens. */
export function workloadIssuer(context: EmulatorContext): string {
  return `${context.url}/_workload`;
}

/** The OpenID configuration and keys of the workload-identity issuer. */
export function workloadIdentityRoutes(app: FastifyInstance, context: EmulatorContext): void {
  app.get("/_workload/.well-known/openid-configuration", () => ({
    issuer: workloadIssuer(context),
    jwks_uri: `${workloadIssuer(context)}/keys`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  }));
  app.get("/_workload/keys", () => ({ keys: context.workloadKeys.published }));
}

/** Writes a service account's token into a file and keeps it fresh. @throws when the file cannot be written at first */
export async function projectToken(context: EmulatorContext, options: ProjectTokenOptions): Promise<ProjectedToken> {
  const { path, subject, audience = "api://AzureADTokenExchange", lifetime = 3600, rotateEvery } = options;
  const rotate = async () => {
    const now = context.clock.seconds();
    const token = await context.workloadKeys.sign({
      iss: workloadIssuer(context),
      sub: subject,
      aud: audience,
      iat: now,
      nbf: now,
      exp: now + lifetime,
      jti: randomUUID(),
    });
    // A reader must never see half a token: Kubernetes swaps the file as well.
    const next = `${path}.${randomUUID()}`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(next, token, { mode: 0o600 });
    await rename(next, path);
  };
  await rotate();
  // A write that fails leaves the last token in place until the next try, and must not take the emulator down.
  const tick = () => void rotate().catch(() => undefined);
  const timer = rotateEvery ? setInterval(tick, rotateEvery * 1000).unref() : undefined;
  return {
    env: {
      AZURE_FEDERATED_TOKEN_FILE: path,
      AZURE_AUTHORITY_HOST: `${context.url}/`,
      AZURE_TENANT_ID: context.directory.tenants[0]?.id ?? "",
    },
    rotate,
    stop: () => clearInterval(timer),
  };
}
