import * as z from "zod/mini";

/** A value of the evidence: the numbers a decision was read from. */
export const evidence = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type Evidence = Readonly<z.output<typeof evidence>>;
