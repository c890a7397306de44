import * as z from "zod/mini";

/**
 * What home and the function in another region say to each other. Both are deployed from one config; the address says
 * whether they still mean the same by a name.
 */
export const confirmRequest = z.lazy(() =>
  z.strictObject({
    confirm: z.array(z.strictObject({ name: z.string(), address: z.string() })).check(z.minLength(1)),
  }),
);

export type AskedSite = z.output<typeof confirmRequest>["confirm"][number];

const seenSite = z.lazy(() =>
  z.object({
    name: z.string(),
    /** UNKNOWN: that region's check was inconclusive. */
    verdict: z.enum(["UP", "DEGRADED", "DOWN", "UNKNOWN"]),
    /** Whether there was a complete answer, whatever it said. */
    answered: z.boolean(),
    /** `withheld`: it was asked without its credentials, and only transport, TLS and status were looked at. */
    credentials: z.enum(["none-needed", "sent", "withheld"]),
    /** Requests that were made, redirects followed. */
    hops: z.number(),
    /** The worst first. */
    findings: z.array(z.object({ severity: z.string(), reason: z.string(), text: z.string() })),
  }),
);
/** A site, as another region sees it. */
export type SeenSite = z.output<typeof seenSite>;

export const confirmAnswer = z.lazy(() => z.object({ seen: z.array(seenSite) }));
export type ConfirmAnswer = z.output<typeof confirmAnswer>;
