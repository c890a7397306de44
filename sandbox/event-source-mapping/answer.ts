import * as z from "zod/mini";
import type { StreamRecord } from "./record.ts";

const Report = z.nullish(
  z.looseObject({ batchItemFailures: z.nullish(z.array(z.looseObject({ itemIdentifier: z.unknown() }))) }),
);

/**
 * From which record of the batch on Lambda takes a report to say "again": its place, the batch's length when
 * all succeeded, or 0 when the whole batch failed. The lowest sequence number counts; an identifier that is
 * empty or not in the batch fails all of it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 *
 * @param payload the function's result as JSON
 */
export function checkpoint(payload: string, batch: readonly StreamRecord[]): number {
  // An empty list counts as success too, and so does a function that returns nothing.
  const value: unknown = payload === "" ? null : JSON.parse(payload);
  const report = z.safeParse(Report, Array.isArray(value) ? {} : value);
  if (!report.success) return 0;
  const failures = report.data?.batchItemFailures ?? [];
  const places = failures.map(({ itemIdentifier }) =>
    batch.findIndex(({ sequenceNumber }) => sequenceNumber === itemIdentifier),
  );
  return places.includes(-1) ? 0 : Math.min(batch.length, ...places);
}
