import type { Origin } from "../decode/event.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html */
export interface BatchReport {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
  /** Why all of it was left: for `npm run redrive`. Lambda takes no notice of it. */
  readonly reason?: string;
  /** Of a redrive: how many of its events are in the quarantine again; absent where none is. For `npm run redrive`. */
  readonly quarantined?: number;
}

/**
 * What Lambda gets: from which record on the batch is to come again. It takes the lowest sequence number
 * as the checkpoint, so one identifier says it all. A sub-record stands for its parent, whose siblings come
 * again with it and change nothing. Never `undefined` or empty text: to Lambda those mean "all succeeded"
 * and "all failed".
 */
export function report(unfinished: Iterable<Pick<Origin, "sequenceNumber">>): BatchReport {
  let lowest: string | undefined;
  for (const { sequenceNumber } of unfinished) {
    if (lowest === undefined || isLower(sequenceNumber, lowest)) lowest = sequenceNumber;
  }
  return { batchItemFailures: lowest === undefined ? [] : [{ itemIdentifier: lowest }] };
}

/** Decimal numbers without leading zeros, of up to 129 digits: the shorter one is the lower. */
function isLower(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}
