import * as z from "zod/mini";
import { readBody } from "../../../shared/ledger/kept-value.ts";
import type { DemandProfile } from "../model/demand-profile.ts";

const shape = z.object({
  firstSlot: z.int(),
  days: z.optional(
    z
      .array(z.object({ day: z.int(), slots: z.int(), bytes: z.number(), records: z.number() }))
      .check(z.maxLength(100)),
  ),
  bursts: z.optional(
    z
      .array(
        z.object({
          ...{ at: z.number(), from: z.number(), to: z.number() },
          ...{ demand: z.number(), share: z.number() },
        }),
      )
      .check(z.maxLength(200)),
  ),
  peaks: z.array(z.nullable(z.number().check(z.gte(0)))).check(z.maxLength(10_000)),
});

/** A profile as the ledger keeps it. One that cannot be read was written by another version: a new one is begun. */
export const parseProfile = (text: string | undefined): DemandProfile | undefined => readBody(shape, text);
