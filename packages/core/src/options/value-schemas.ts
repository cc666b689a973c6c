import { z } from "zod";
import { isGuid } from "../guid.js";
import { isLoopbackHost } from "../loopback.js";

/** A GUID. @param what what it is, for the message */
export const guid = (what: string) =>
  z.string().refine(isGuid, `must be the ${what} (a GUID such as 11111111-2222-3333-4444-555555555555)`);

/** An absolute URL: https, or plain http for loopback hosts; without credentials, query and fragment. */
export const secureUrl = z.string().superRefine((value, context) => {
  const fail = (message: string) => context.addIssue({ code: "custom", message });
  if (!URL.canParse(value)) return fail("must be an absolute URL");
  const url = new URL(value);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname))) {
    return fail("must be https; plain http is accepted for loopback hosts alone");
  }
  if (url.username !== "" || url.password !== "") return fail("must not hold credentials");
  if (url.search !== "" || url.hash !== "") return fail("must not have a query or a fragment");
});

/** A function; what it takes and returns is checked where it is called. */
// biome-ignore lint/complexity/noBannedTypes: any function passes; what it returns is checked where it is called
export const callable = z.custom<Function>((value) => typeof value === "function", "must be a function");
