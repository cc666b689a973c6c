import type { Clock } from "../../clock.js";
import type { SignedAssertionCredential } from "../../options/client-credential.js";
import { AssertionMemo } from "./assertion-memo.js";
import type { CredentialSource } from "./credential-source.js";

/** An assertion from the developer's own code, asked for when the one at hand is near its end. */
export function signedAssertionSource(options: SignedAssertionCredential, clock: Clock): CredentialSource {
  const memo = new AssertionMemo(clock);
  return {
    kind: options.sourceType,
    load: async ({ clientId, audience }) => ({
      clientAssertion: await memo.get(JSON.stringify([clientId, audience]), async () => {
        const assertion: unknown = await options.getAssertion({ clientId, audience });
        if (typeof assertion !== "string" || assertion === "")
          throw new TypeError("getAssertion returned no assertion");
        return assertion;
      }),
    }),
    forget: () => memo.clear(),
  };
}
