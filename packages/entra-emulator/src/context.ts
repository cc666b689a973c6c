import type { AuthorizationCodes } from "./authorize/codes.js";
import type { Clock } from "./clock.js";
import type { Recorder } from "./control/recorder.js";
import type { RecordedResourceRequest, RecordedTokenRequest } from "./control/records.js";
import type { Directory } from "./directory/directory.js";
import type { Faults } from "./faults/faults.js";
import type { Revocations } from "./faults/revocations.js";
import type { KeyRing } from "./keys/key-ring.js";
import type { RefreshTokens } from "./token/refresh-tokens.js";
import type { Replays } from "./token/replays.js";

/** What every part of one emulator shares. */
export interface EmulatorContext {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly keys: KeyRing;
  /** What the workload-identity issuer signs with. */
  readonly workloadKeys: KeyRing;
  readonly replays: Replays;
  readonly codes: AuthorizationCodes;
  readonly refreshTokens: RefreshTokens;
  readonly faults: Faults;
  readonly revocations: Revocations;
  /** The emulator's own URL, without a trailing slash. Known once it listens. */
  readonly url: string;
  readonly tokenRequests: Recorder<RecordedTokenRequest>;
  readonly resourceRequests: Recorder<RecordedResourceRequest>;
}

/** The issuer of version 2.0 tokens of a tenant. */
export function issuerV2(context: EmulatorContext, tenantId: string): string {
  return `${context.url}/${tenantId}/v2.0`;
}

/** The issuer of version 1.0 tokens of a tenant, shaped as `https://sts.windows.net/{tid}/` is. */
export function issuerV1(context: EmulatorContext, tenantId: string): string {
  return `${context.url}/${tenantId}/`;
}
